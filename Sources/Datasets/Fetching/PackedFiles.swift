import Files
import Foundation
import SystemErrors

/// Files in an archive that `tar` has made and `gzip` has packed.
///
/// Only they are taken out, and nothing else is written: whatever the other members are, how large they are, and
/// where they or their links would lead.
struct PackedFiles {
  /// No archive is followed further than 4 GiB.
  private static let archiveLimit = 1 << 32

  let archive: String
  /// The names of the files, in whichever folder of the archive they are, and the most bytes of each.
  let sizes: [String: Int]

  /// Writes the files into a folder; those that the archive has not are not there then.
  func unpack(into folder: String) throws(FetchError) {
    let (gzip, output, errors) = (Process(), Pipe(), Pipe())
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-d", "-c"]
    gzip.standardInput = FileHandle(forReadingAtPath: archive)
    gzip.standardOutput = output
    gzip.standardError = errors
    do { try gzip.run() } catch { throw .noGzip(reason: error.reason) }
    let result = Result { () throws(FetchError) in
      try extract(from: InputFile(pipe: output.fileHandleForReading.fileDescriptor), into: folder)
    }
    // A program that is not at its end then fails, which is no matter.
    try? output.fileHandleForReading.close()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    gzip.waitUntilExit()
    if case .success(.complete) = result { return }
    let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
    // What env says of a program that is not there.
    if gzip.terminationStatus == 127 { throw .noGzip(reason: reason) }
    _ = try result.get()
    guard gzip.terminationStatus == 0 else { throw .cannotUnpack(archive, reason: reason) }
  }

  private enum Ending { case complete, cutOff }

  /// Writes the files as they come, until all are there or the archive ends.
  private func extract(
    from stream: InputFile, into folder: String
  ) throws(FetchError) -> Ending {
    var (missing, total) = (Set(sizes.keys), 0)
    while !missing.isEmpty {
      let block = try next(TarHeader.blockBytes, of: stream)
      guard block.count == TarHeader.blockBytes else { return .cutOff }
      // Blocks of zeros end an archive.
      guard block.contains(where: { $0 != 0 }) else { return .complete }
      guard let member = TarHeader(block) else {
        throw .cannotUnpack(archive, reason: "it is no archive of tar")
      }
      let name = PathParts(member.name).name
      total += member.paddedBytes
      guard total <= Self.archiveLimit else {
        throw .cannotUnpack(archive, reason: "it holds more than \(Self.archiveLimit) bytes")
      }
      let isWanted = member.isRegular && missing.remove(name) != nil
      if isWanted, let limit = sizes[name], member.bytes > limit {
        throw .wrongContent(.wrongSize(file: name, expected: limit, found: member.bytes))
      }
      let path = isWanted ? "\(folder)/\(name)" : nil
      guard try copy(member, from: stream, to: path) else { return .cutOff }
    }
    return .complete
  }

  /// Takes the bytes of a member from the stream, to a file or to nowhere; whether all are there.
  private func copy(
    _ member: TarHeader, from stream: InputFile, to path: String?
  ) throws(FetchError) -> Bool {
    do {
      let file = try path.map { try GrowingFile($0) }
      var rest = member.bytes
      while rest > 0 {
        let piece = try stream.next(min(rest, 1 << 20))
        if piece.isEmpty { return false }
        try file?.append([UInt8](piece))
        rest -= piece.count
      }
      _ = try stream.next(member.paddedBytes - member.bytes)
      return true
    } catch { throw .cannotUnpack(archive, reason: "\(error)") }
  }

  private func next(_ count: Int, of stream: InputFile) throws(FetchError) -> Data {
    do { return try stream.next(count) } catch {
      throw .cannotUnpack(archive, reason: "\(error)")
    }
  }
}

/// The block in front of each member of an archive: a name, a size in octal digits, a kind, a checksum.
private struct TarHeader {
  static let blockBytes = 512

  let name: String
  let bytes: Int
  let isRegular: Bool

  /// Reads a block; nil if it is something else.
  init?(_ block: Data) {
    let block = [UInt8](block)
    let space = UInt8(ascii: " ")
    let sum = block.enumerated().reduce(0) { sum, item in
      sum + Int(148..<156 ~= item.offset ? space : item.element)
    }
    guard Self.number(block[148..<156]) == sum, let bytes = Self.number(block[124..<136]),
      bytes <= Int.max - Self.blockBytes
    else { return nil }
    self.bytes = bytes
    name = String(decoding: block[..<100].prefix { $0 != 0 }, as: UTF8.self)
    isRegular = [0, UInt8(ascii: "0")].contains(block[156])
  }

  /// With what fills its last block.
  var paddedBytes: Int { (bytes + Self.blockBytes - 1) / Self.blockBytes * Self.blockBytes }

  /// Octal digits, among spaces and zeros; or, after a byte of 128, a number of bytes.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if field.first == 128 {
      return field.dropFirst().reduce(0) { number, byte in
        number.flatMap { $0 < 1 << 54 ? $0 << 8 | Int(byte) : nil }
      }
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { 48..<56 ~= $0 }
    return digits.isEmpty ? nil : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
