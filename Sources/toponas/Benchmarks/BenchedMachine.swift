import Tensors

/// What a measured time depends on, apart from what was measured.
struct BenchedMachine: Encodable {
  let cpu: String
  let threads: Int
  let build: BuildDescription

  /// This process, here and now.
  static var current: BenchedMachine {
    BenchedMachine(cpu: processorName(), threads: Threads.current, build: .current)
  }

  var text: String {
    "\(cpu), \(counted(threads, "thread")), \(build.kernels) kernels, \(build.configuration) build"
  }

  /// Says so if times of this build mean little.
  func warn(_ console: Console) {
    guard build.configuration == "debug" else { return }
    console.error(
      "warning: a debug build is slower than a release build: swift run -c release toponas bench")
  }
}
