import Foundation
import Runs
import Tensors

// With both ignored, a write fails with an error, which is reported.
signal(SIGPIPE, SIG_IGN)
signal(SIGXFSZ, SIG_IGN)
// Without this, the first file that is opened takes the number of a closed stream, and receives its lines. A result
// that nobody can read is reported: nothing can be written to a file that is opened for reading.
for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
  _ = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY)
}
let console = Console()
StoragePool.shared.onExhaustion { bytes in
  let failure = MemoryExhaustion(wanted: bytes)
  console.error("error: \(failure)")
  exit(failure.exitCode.rawValue)
}
exit(Toponas.run(Array(CommandLine.arguments.dropFirst()), console).rawValue)
