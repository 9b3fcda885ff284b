import Foundation

// Both then show as errors of a write, which are told.
signal(SIGPIPE, SIG_IGN)
signal(SIGXFSZ, SIG_IGN)
exit(Toponas.run(Array(CommandLine.arguments.dropFirst()), Console()).rawValue)
