import Foundation

/// Real data and programs that tests use where they are there; the project contains none of them.
public enum DevelopmentData {
  /// The folder with CIFAR-10 in binary form: the environment variable `TOPONAS_CIFAR10`.
  public static let cifar10 = ProcessInfo.processInfo.environment["TOPONAS_CIFAR10"]
  /// The table of NAS-Bench-201 for CIFAR-10: the environment variable `TOPONAS_NASBENCH201`.
  public static let nasBench201 = ProcessInfo.processInfo.environment["TOPONAS_NASBENCH201"]
  /// A Python with PyTorch: the environment variable `TOPONAS_PYTHON`.
  public static let python = ProcessInfo.processInfo.environment["TOPONAS_PYTHON"]
}

/// Where the package's products were built, the program among them.
public var buildFolder: URL { Bundle.module.bundleURL.deletingLastPathComponent() }
