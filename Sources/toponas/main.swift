import Foundation
import Runs
import Tensors

// Both then show as errors of a write, which are told.
signal(SIGPIPE, SIG_IGN)
signal(SIGXFSZ, SIG_IGN)
// Else the first file that is opened takes the number of a closed stream, and with it its lines. A result that
// nobody can read is told: nothing can be written to what is opened for reading.
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
