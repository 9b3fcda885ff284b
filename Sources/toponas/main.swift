import Foundation

signal(SIGPIPE, SIG_IGN)
exit(Toponas.run(Array(CommandLine.arguments.dropFirst()), Console()).rawValue)
