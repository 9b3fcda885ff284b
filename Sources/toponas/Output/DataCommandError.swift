import Datasets
import Messages

/// Why a `toponas data` command has nothing to do.
enum DataCommandError: UserError, Equatable {
  /// No data set of this name can be fetched.
  case unknownSet(String, known: [String])
  /// Nothing can be fetched from there.
  case badAddress(String)
  /// Pictures, of which no subset is made.
  case picturesNotRecords(String)
  /// Images that cannot be halved twice.
  case badExtent(Int)
  /// Something else than 32 hexadecimal digits.
  case badMD5(String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode {
    if case .picturesNotRecords = self { .badData } else { .usage }
  }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .unknownSet(let name, let known):
      """
      expected \(known.joined(separator: " or ")), found \(name)
      Hint: toponas data fetch \(known[0])
      """
    case .picturesNotRecords(let folder):
      """
      \(folder): expected CIFAR-10 or CIFAR-100 in binary form, found a folder of pictures for each class
      Hint: no subset is needed: with --train-images N a search takes the first pictures of each class.
      """
    case .badAddress(let address):
      """
      --url: expected an address that begins with http:// or https://, found \(address)
      Hint: leave it out to fetch from the authors of the data set.
      """
    case .badExtent(let extent):
      """
      --size: expected \(ImageExtent.words), for the networks halve an image twice, found \(extent)
      Hint: --size \(max(ImageExtent.range.lowerBound, extent / 4 * 4)), or --size \(ImageExtent.usual) as published.
      """
    case .badMD5(let text):
      """
      --md5: expected 32 hexadecimal digits, found \(text)
      Hint: md5sum, or on macOS md5, prints them.
      """
    }
  }
}
