import Dispatch
import Files
import Foundation
import SystemErrors

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A file that is fetched by HTTP, and goes on where an earlier attempt ended.
struct Download: Sendable {
  let url: URL
  /// Where the bytes go; what is there already counts as the start of the file.
  let file: String
  /// The size that the file must have.
  let bytes: Int

  /// Fetches what is missing, and calls `progress` with the bytes that are there, again and again.
  ///
  /// Whatever happens, all bytes that arrived are in the file.
  func run(_ progress: @escaping @Sendable (Int) -> Void) throws(FetchError) {
    let output = try opened()
    defer { close(output) }
    var start = bytesThere(output)
    while start != bytes {
      let transfer = Transfer(self, from: start, to: output, progress)
      guard try transfer.run() == .mustRestart else { return }
      start = 0
    }
    progress(bytes)
  }

  /// The file, with the bytes of an earlier attempt.
  private func opened() throws(FetchError) -> GrowingFile {
    do { return try GrowingFile(file) } catch { throw .cannotCreate(file, reason: "\(error)") }
  }

  /// A file without a byte is not left behind.
  private func close(_ output: GrowingFile) {
    if output.count == 0 { try? removeFile(file) }
  }

  /// Of more bytes than the whole file has none can be trusted.
  private func bytesThere(_ output: GrowingFile) -> Int {
    output.count > bytes ? 0 : output.count
  }
}

/// One request and its answer.
///
/// Sendable, for a session calls its delegate from one serial queue, and the outcome is read after its end.
private final class Transfer: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  enum Outcome {
    case complete
    /// The server cannot go on where the file ends.
    case mustRestart
  }

  private let download: Download
  private let start: Int
  private let output: GrowingFile
  private let progress: @Sendable (Int) -> Void
  /// Bytes of the file that are there.
  private var count: Int
  private var outcome: Outcome?
  private var failure: FetchError?
  private let end = DispatchSemaphore(value: 0)

  init(
    _ download: Download, from start: Int, to output: GrowingFile,
    _ progress: @escaping @Sendable (Int) -> Void
  ) {
    (self.download, self.start, self.output) = (download, start, output)
    (self.progress, count) = (progress, start)
  }

  func run() throws(FetchError) -> Outcome {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    session.dataTask(with: addingHeaders(to: URLRequest(url: download.url))).resume()
    end.wait()
    session.invalidateAndCancel()
    if let failure { throw failure }
    if let outcome { return outcome }
    guard count == download.bytes else {
      throw .cutOff(download.url, expected: download.bytes, found: count)
    }
    return .complete
  }

  private func addingHeaders(to request: URLRequest) -> URLRequest {
    var request = request
    request.cachePolicy = .reloadIgnoringLocalCacheData
    // Or the archive may arrive unpacked.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if start > 0 { request.setValue("bytes=\(start)-", forHTTPHeaderField: "Range") }
    return request
  }

  // MARK: What the session tells

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    completionHandler(addingHeaders(to: request))
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    do throws(FetchError) {
      try accept(response)
    } catch { failure = error }
    completionHandler(isWanted ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard isWanted else { return }
    do throws(FetchError) {
      try append(data)
    } catch {
      failure = error
      dataTask.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    if let error, isWanted {
      failure = .network(download.url, reason: error.localizedDescription, kept: count)
    }
    end.signal()
  }

  // MARK: What is done with it

  /// Whether more of the answer is wanted.
  private var isWanted: Bool { failure == nil && outcome == nil }

  private func accept(_ response: URLResponse) throws(FetchError) {
    guard let answer = response as? HTTPURLResponse else {
      throw .network(download.url, reason: "the answer is not HTTP", kept: count)
    }
    switch answer.statusCode {
    case 200:
      try check(size: answer.expectedContentLength >= 0 ? Int(answer.expectedContentLength) : nil)
      try begin(at: 0)
    case 206:
      let range = ContentRange(answer.value(forHTTPHeaderField: "Content-Range") ?? "")
      try check(size: range?.total)
      guard range?.start == start else { return outcome = .mustRestart }
      try begin(at: start)
    case 416 where start > 0: outcome = .mustRestart
    default: throw .status(download.url, code: answer.statusCode)
    }
  }

  /// A file of another size is not fetched in vain.
  private func check(size: Int?) throws(FetchError) {
    guard let size, size != download.bytes else { return }
    throw .wrongSize(download.url, expected: download.bytes, found: size)
  }

  private func begin(at offset: Int) throws(FetchError) {
    do { try output.truncate(to: offset) } catch { throw cannotWrite(error) }
    count = offset
    progress(count)
  }

  private func append(_ data: Data) throws(FetchError) {
    guard count + data.count <= download.bytes else {
      throw .wrongSize(download.url, expected: download.bytes, found: count + data.count)
    }
    do { try output.append([UInt8](data)) } catch { throw cannotWrite(error) }
    count += data.count
    progress(count)
  }

  private func cannotWrite(_ error: SystemError) -> FetchError {
    .cannotWrite(download.file, reason: "\(error)")
  }
}

/// What a part of a file is: `bytes 100-199/200`, or with `*` for a total that is not known.
private struct ContentRange {
  let start: Int
  let total: Int?

  init?(_ text: String) {
    let words = text.split(whereSeparator: { " -/".contains($0) })
    guard words.count == 4, words[0] == "bytes", let start = Int(words[1]) else { return nil }
    (self.start, total) = (start, Int(words[3]))
  }
}
