import Foundation
import SystemErrors
import Testing

/// Reasons in words, wherever an error comes from.
@Suite("Errors of the system")
struct SystemErrorTests {
  @Test func `an error of Foundation is told in the words of the system`() throws {
    let error = #expect(throws: (any Error).self) {
      try String(contentsOfFile: "/nowhere/at/all", encoding: .utf8)
    }
    #expect(error?.reason == "No such file or directory")
    #expect(error.flatMap { SystemError(under: $0) } == SystemError(code: ENOENT))
  }

  @Test func `an error that has another inside is that`() {
    let inner = NSError(domain: NSPOSIXErrorDomain, code: Int(ENOSPC))
    let outer = NSError(domain: "other", code: 1, userInfo: [NSUnderlyingErrorKey: inner])
    #expect(SystemError(under: outer)?.code == ENOSPC)
    #expect(SystemError(under: NSError(domain: "other", code: 28)) == nil)
  }

  @Test func `a full disk may be freed, a forbidden place stays so`() {
    #expect(!SystemError(code: ENOSPC).isRefusal && !SystemError(code: EIO).isRefusal)
    #expect(SystemError(code: EACCES).isRefusal && SystemError(code: EROFS).isRefusal)
  }
}
