import Foundation

/// A server of this machine for this machine: it answers one request a connection, and writes down what was asked.
///
/// Sendable, for what changes is behind a lock.
final class LoopbackServer: @unchecked Sendable {
  struct Request: Sendable {
    let path: String
    /// The first byte that is asked for, if the request has a range.
    let start: Int?
  }

  private let listener: Int32
  private let lock = NSLock()
  private var isStopped = false
  private var received: [Request] = []
  /// Where it listens.
  let port: Int

  /// Starts to answer; the answer is all that is sent before the connection is closed, head and body.
  init(_ answer: @escaping @Sendable (Request) -> Data) throws {
    #if os(Linux)
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        // Port 0 becomes a free one.
        bind(listener, $0, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    Thread.detachNewThread { [self] in
      while let connection = nextConnection() {
        serve(connection, answer)
        close(connection)
      }
      close(listener)
    }
  }

  /// The requests so far.
  var requests: [Request] { lock.withLock { received } }

  /// The address of a file here.
  func url(_ path: String = "/cifar.tar.gz") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Answers no more.
  func stop() { lock.withLock { isStopped = true } }

  /// The next connection; nil after the end.
  private func nextConnection() -> Int32? {
    while !lock.withLock({ isStopped }) {
      var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 20) > 0 else { continue }
      let connection = accept(listener, nil, nil)
      if connection >= 0 { return connection }
    }
    return nil
  }

  private func serve(_ connection: Int32, _ answer: (Request) -> Data) {
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard recv(connection, &byte, 1, 0) == 1 else { return }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "",
      start: range.flatMap { Int($0.dropFirst("range: bytes=".count).dropLast()) })
    lock.withLock { received.append(request) }
    write(answer(request), connection)
  }

  private func write(_ bytes: Data, _ connection: Int32) {
    #if os(Linux)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
      var isOn: Int32 = 1
      setsockopt(
        connection, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    #endif
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let count = send(connection, base, rest.count, flags)
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }
}

extension LoopbackServer {
  /// An answer with the lines of its head, and its body.
  static func answer(_ status: String, _ lines: [String] = [], _ body: Data = Data()) -> Data {
    let head = ["HTTP/1.1 \(status)"] + lines + ["Connection: close", "", ""]
    return Data(head.joined(separator: "\r\n").utf8) + body
  }

  /// A whole file, or of one that breaks off its first bytes.
  static func whole(_ file: Data, cutAfter count: Int? = nil) -> Data {
    answer("200 OK", ["Content-Length: \(file.count)"], file.prefix(count ?? file.count))
  }

  /// A file from `start` on.
  static func rest(of file: Data, from start: Int) -> Data {
    answer(
      "206 Partial Content",
      [
        "Content-Length: \(file.count - start)",
        "Content-Range: bytes \(start)-\(file.count - 1)/\(file.count)",
      ], file.dropFirst(start))
  }
}
