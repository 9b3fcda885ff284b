import Messages

/// Why a `toponas data` command has nothing to do.
enum DataCommandError: UserError, Equatable {
  /// No data set of this name can be fetched.
  case unknownSet(String, example: String)
  /// Nothing can be fetched from there.
  case badAddress(String)
  /// Something else than 32 hexadecimal digits.
  case badMD5(String)

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .unknownSet(let name, let example):
      """
      expected cifar10, found \(name)
      Hint: \(example)
      """
    case .badAddress(let address):
      """
      --url: expected an address that begins with http:// or https://, found \(address)
      Hint: leave it out to fetch from the authors of the data set.
      """
    case .badMD5(let text):
      """
      --md5: expected 32 hexadecimal digits, found \(text)
      Hint: md5sum, or on macOS md5, prints them.
      """
    }
  }
}
