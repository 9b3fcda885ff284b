import Foundation
import TestSupport

/// A library that stands between a program and the system, and lets calls fail for files in one folder.
///
/// It is in C, and is made where there is a compiler and a system that loads it before others.
enum FaultLibrary {
  /// Where it is; nil where none can be made.
  static let path: String? = {
    #if os(Linux)
      let path = buildFolder.appendingPathComponent("toponas-faults.so").path
      let compiler = Process()
      compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      let words = ["cc", "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", path, "-ldl"]
      let input = Pipe()
      compiler.standardInput = input
      guard (try? outcome(of: compiler, words, writing: source, to: input))?.status == 0 else {
        return nil
      }
      return path
    #else
      return nil
    #endif
  }()

  private static func outcome(
    of process: Process, _ words: [String], writing text: String, to input: Pipe
  ) throws -> ProgramOutcome {
    // Far less than a pipe holds.
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    return try TestSupport.outcome(of: process, words)
  }

  /// What it reads from the environment: the folder (FAULT_FOLDER), the number of the call that fails (FAULT_AT),
  /// how (FAULT_KIND), and the file to which it appends a letter for each call (FAULT_LOG).
  private static let source = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <sys/syscall.h>
    #include <unistd.h>

    static const char *folder, *kind;
    static long at, count;
    static int log_file = -1;

    __attribute__((constructor)) static void begin(void) {
      folder = getenv("FAULT_FOLDER");
      kind = getenv("FAULT_KIND");
      const char *number = getenv("FAULT_AT"), *path = getenv("FAULT_LOG");
      at = number ? atol(number) : 0;
      if (path) log_file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      /* Programs that the program starts are not meant. */
      unsetenv("LD_PRELOAD");
    }

    static int is_named(const char *path) { return folder && kind && !strncmp(path, folder, strlen(folder)); }

    static int is_open(int file) {
      char link[64], path[4096];
      snprintf(link, sizeof link, "/proc/self/fd/%d", file);
      long length = readlink(link, path, sizeof path - 1);
      if (length < 0) return 0;
      path[length] = 0;
      return is_named(path);
    }

    /* The error of a call; -1 is a write that takes only a part. */
    static int fault(char letter) {
      int error = errno;
      long number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
      if (log_file >= 0) syscall(SYS_write, log_file, &letter, 1);
      errno = error;
      int takes_space = !!strchr("woml", letter);
      if (!strcmp(kind, "error")) return number == at ? EIO : 0;
      if (!strcmp(kind, "full")) return !takes_space || number < at ? 0 : number == at && letter == 'w' ? -1 : ENOSPC;
      if (!strcmp(kind, "interrupts")) return number % 2 ? EINTR : 0;
      return !strcmp(kind, "parts") && letter == 'w' ? -1 : 0;
    }

    #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
    #define FAIL_IF(error) do { int e = (error); if (e > 0) { errno = e; return -1; } } while (0)

    ssize_t write(int file, const void *bytes, size_t size) {
      int is_result = file == 1 && kind && (!strcmp(kind, "interrupts") || !strcmp(kind, "parts"));
      if (!is_result && !is_open(file)) return REAL(write)(file, bytes, size);
      int error = fault('w');
      FAIL_IF(error);
      return REAL(write)(file, bytes, error < 0 && size > 1 ? size / 2 : size);
    }
    int fsync(int file) { if (is_open(file)) FAIL_IF(fault('s')); return REAL(fsync)(file); }
    int close(int file) {
      int error = is_open(file) ? fault('c') : 0, result = REAL(close)(file);
      FAIL_IF(error);
      return result;
    }
    int ftruncate(int file, off_t size) { if (is_open(file)) FAIL_IF(fault('t')); return REAL(ftruncate)(file, size); }
    int rename(const char *a, const char *b) { if (is_named(b)) FAIL_IF(fault('r')); return REAL(rename)(a, b); }
    int link(const char *a, const char *b) { if (is_named(b)) FAIL_IF(fault('l')); return REAL(link)(a, b); }
    int mkdir(const char *path, mode_t mode) { if (is_named(path)) FAIL_IF(fault('m')); return REAL(mkdir)(path, mode); }
    int open(const char *path, int flags, ...) {
      va_list rest;
      va_start(rest, flags);
      mode_t mode = va_arg(rest, mode_t);
      va_end(rest);
      if (flags & O_CREAT && is_named(path)) FAIL_IF(fault('o'));
      return REAL(open)(path, flags, mode);
    }
    int openat(int at, const char *path, int flags, ...) {
      va_list rest;
      va_start(rest, flags);
      mode_t mode = va_arg(rest, mode_t);
      va_end(rest);
      if (flags & O_CREAT && (*path == '/' ? is_named(path) : is_open(at))) FAIL_IF(fault('o'));
      return REAL(openat)(at, path, flags, mode);
    }
    """#
}

/// How the system fails.
struct Fault: Equatable, CustomStringConvertible {
  enum Kind: String {
    /// Calls are only counted.
    case none
    /// One call fails with an error of input and output.
    case error
    /// From one call on the disk is full; of a write a part is taken.
    case full
    /// Every second call is interrupted.
    case interrupts
    /// Every write takes a part.
    case parts
  }

  let kind: Kind
  var call = 0

  var description: String { "\(kind) \(call)" }
}

/// Runs the program to its end where a fault hits what it does in `folder`; also tells the calls, by a letter each.
///
/// `programs` is a folder with programs that it finds before others.
func toponas(
  _ words: [String], _ fault: Fault, in folder: String, programs: String? = nil
) throws -> (outcome: ProgramOutcome, calls: String) {
  let log = "\(folder)-calls-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: log) }
  let process = toponasProcess()
  // Nothing may stand between the program and a server of this machine.
  var environment = ProcessInfo.processInfo.environment.filter {
    !$0.key.lowercased().hasSuffix("_proxy")
  }
  if let programs { environment["PATH"] = "\(programs):\(environment["PATH"] ?? "/usr/bin:/bin")" }
  process.environment = environment.merging([
    "LD_PRELOAD": FaultLibrary.path ?? "", "FAULT_FOLDER": folder + "/", "FAULT_LOG": log,
    "FAULT_KIND": fault.kind.rawValue, "FAULT_AT": "\(fault.call)",
  ]) { $1 }
  let result = try outcome(of: process, words, seconds: 60)
  return (result, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
}
