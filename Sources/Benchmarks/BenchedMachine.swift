import Reports
import Runs
import Tensors

/// What a measured time depends on, apart from what was measured.
package struct BenchedMachine: Encodable {
  package let cpu: String
  package let threads: Int
  package let build: BuildDescription

  /// This process, here and now.
  package static var current: BenchedMachine {
    BenchedMachine(cpu: processorName(), threads: Threads.current, build: .current)
  }

  package var text: String {
    "\(cpu), \(counted(threads, "thread")), \(build.kernels) kernels, \(build.configuration) build"
  }

  /// Says so if times of this build mean little.
  package func warn(_ output: any RunOutput) {
    guard build.configuration == "debug" else { return }
    output.error(
      "warning: a debug build is slower than a release build: swift run -c release toponas bench")
  }
}
