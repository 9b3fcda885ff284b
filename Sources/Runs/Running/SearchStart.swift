import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Tensors

/// What a search needs before it begins or goes on: images that fit, memory that suffices, a table to look cells up.
package struct SearchStart {
  private let plan: SearchPlan
  private let images: ImageSet
  private let predictedBytes: Int
  private let benchmark: NASBench201Table?
  private let output: any RunOutput

  /// Finds and reads the images of a search that begins, which are at `place` now.
  package init(
    of plan: SearchPlan, images place: String?, benchmark file: String?, _ output: any RunOutput
  ) throws {
    let benchmark = try plan.benchmark(file)
    let found = try plan.findImages(now: place)
    try self.init(plan.fitted(to: found.form), found, benchmark, output)
  }

  /// The same for a search that goes on; the images must be of the form that its network was built for.
  package init(
    resuming plan: SearchPlan, images place: String?, benchmark file: String?,
    _ output: any RunOutput
  ) throws {
    let benchmark = try plan.benchmark(file)
    let found = try plan.findImages(now: place)
    try plan.check(found.form)
    try self.init(plan, found, benchmark, output)
  }

  private init(
    _ plan: SearchPlan, _ found: RunImages, _ benchmark: NASBench201Table?,
    _ output: any RunOutput
  ) throws {
    predictedBytes = try plan.checkedMemory(images: found.count)
    found.tellOmissions(output)
    images = try found.load()
    (self.plan, self.benchmark, self.output) = (plan, benchmark, output)
  }

  /// Makes the network, and hands the run in it to `body`, with a meter that counts what tensors hold.
  package func withRun(_ body: (any PreparedSearch) throws -> Void) throws {
    func run(_ network: some Supernet) throws {
      try body(
        SearchRun(
          plan, images, network, predictedBytes: predictedBytes, benchmark: benchmark, output))
    }
    try StorageMeter.$current.withValue(StorageMeter()) {
      try run(plan.supernet(classes: plan.imageForm.classes))
    }
  }
}

/// A search whose network is made.
package protocol PreparedSearch {
  /// Searches; `path` is where the user wants the results, nil a free name in `runs/`.
  func run(into path: String?, _ pace: CheckpointPace) throws
  /// Prints what a search would do, and how long it would take; writes nothing.
  func rehearse(into path: String?) throws
  /// Goes on with the search in a folder that this process has locked.
  func resume(in folder: RunFolder, _ pace: CheckpointPace) throws
}

extension SearchRun: PreparedSearch {}
