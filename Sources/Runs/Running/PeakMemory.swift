import Reports
import SearchMethods
import Tensors

/// The most memory that a run took so far, in bytes.
package struct PeakMemory: CustomStringConvertible {
  /// What tensors held at one time; nil in runs of programs that did not count it.
  private(set) var tensors: Int?
  /// The resident memory of the process, or of the largest if the run was resumed.
  private(set) var process = 0

  /// The memory of some units of a search.
  package init(_ units: [any UnitReport]) { for unit in units { add(unit) } }

  /// The memory of some epochs of a training.
  package init(_ epochs: [TrainingMetrics]) { for epoch in epochs { add(epoch) } }

  /// Takes in what a unit of a search took.
  package mutating func add(_ unit: any UnitReport) {
    add(tensors: unit.peakTensorBytes, process: unit.peakMemoryBytes)
  }

  /// Takes in what an epoch of a training took.
  package mutating func add(_ epoch: TrainingMetrics) {
    add(tensors: epoch.peakTensorBytes, process: epoch.peakMemoryBytes)
  }

  /// Takes in what this process takes now.
  package mutating func addThisProcess() {
    add(tensors: StorageMeter.current?.peakBytes, process: ProcessMemory.residentBytes)
  }

  private mutating func add(tensors: Int?, process: Int) {
    if let tensors { self.tensors = max(self.tensors ?? 0, tensors) }
    self.process = max(self.process, process)
  }

  /// Both numbers.
  package var description: String {
    (tensors.map { "\(mebibytes($0)) at most in tensors, " } ?? "")
      + "\(mebibytes(process)) in the process"
  }
}
