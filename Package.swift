// swift-tools-version: 6.2
import Foundation
import PackageDescription

// MARK: - Build settings

let environment = Context.environment

/// Whether an environment switch is on: set, not empty, not "0".
func isOn(_ name: String) -> Bool { environment[name].map { !$0.isEmpty && $0 != "0" } ?? false }

/// TOPONAS_PORTABLE=1 drops every unsafe flag: the build then runs on any CPU of the architecture.
let isPortable = isOn("TOPONAS_PORTABLE")

/// TOPONAS_CPU names the CPU to build for, as `-march` spells it; by default this machine's.
let cpu = environment["TOPONAS_CPU"].flatMap { $0.isEmpty ? nil : $0 } ?? "native"

/// Numeric code is optimized in debug builds too.
///
/// Without it `swift test` is 100 times slower.
/// The last three flags let a debug build compile a module as a whole.
let optimizedInDebug: [SwiftSetting] =
  isPortable
  ? []
  : [
    .unsafeFlags(
      ["-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"],
      .when(configuration: .debug))
  ]

/// What the kernels may use of an x86-64 CPU; AVX-512 has registers for larger tiles.
///
/// Also seen by the executable, which checks at its start that the CPU has what it was built for.
let features: [SwiftSetting] = {
  #if arch(x86_64)
    guard !isPortable else { return [] }
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let wide = [
      "x86-64-v4", "skylake-avx512", "cascadelake", "cooperlake", "icelake", "tigerlake",
      "rocketlake", "sapphirerapids", "emeraldrapids", "graniterapids", "znver4", "znver5",
    ]
    if cpu == "native" ? info.contains(" avx512f") : wide.contains(where: cpu.hasPrefix) {
      return [.define("TOPONAS_AVX512")]
    }
    return cpu != "native" || info.contains(" avx2") ? [.define("TOPONAS_AVX2")] : []
  #else
    return []
  #endif
}()

/// The instructions of the CPU: the baseline of x86-64 has neither FMA nor wide registers.
///
/// A clang flag, yet it reaches Swift.
let instructions: [SwiftSetting] = {
  #if arch(x86_64)
    return isPortable ? [] : [.unsafeFlags(["-Xcc", "-march=\(cpu)"])]
  #else
    return []
  #endif
}()

/// Settings of the module that holds the SIMD kernels.
///
/// With `BuiltinModule`, an operation is one LLVM instruction; Vector.swift has a twin that does without.
let kernelSettings: [SwiftSetting] =
  [.enableExperimentalFeature("BuiltinModule")] + features + instructions + optimizedInDebug

/// Settings of the chapters, which have loops of their own and time them.
///
/// Each is optimized alone, so that a change of one compiles no other.
let chapterSettings: [SwiftSetting] =
  isPortable ? [] : instructions + [.unsafeFlags(["-O"], .when(configuration: .debug))]

// MARK: - Targets

/// A library target of Sources/, with its tests in Tests/<name>Tests.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = [],
  testedWith others: [Target.Dependency] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + others),
  ]
}

let package = Package(
  name: "toponas",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "toponas", targets: ["toponas"]),
    .library(
      name: "TopoNAS",
      targets: [
        "Tensors", "Autodiff", "NeuralNetworks", "Datasets", "TensorFiles", "SearchSpaces",
        "TopologicalSimplification", "SearchMethods", "Reports", "Files", "Messages",
        "Settings", "SystemErrors", "Runs",
      ]),
  ],
  traits: [
    .trait(
      name: "DoublePrecision",
      description: "Scalar is Double instead of Float, so that gradient checks can be tight.")
  ],
  targets: library("Tensors", settings: kernelSettings)
    + library("Autodiff", ["Tensors"], settings: optimizedInDebug)
    + library("NeuralNetworks", ["Autodiff", "Tensors"], settings: optimizedInDebug)
    + library("Messages")
    + library("SystemErrors", ["Messages"])
    + library("Files", ["SystemErrors"])
    + library(
      "Datasets", ["Tensors", "Files", "Messages", "SystemErrors"], settings: optimizedInDebug)
    + library(
      "TensorFiles", ["Tensors", "Files", "Messages", "SystemErrors"], settings: optimizedInDebug)
    + library(
      "SearchSpaces", ["NeuralNetworks", "Autodiff", "Tensors", "Messages", "Settings"],
      settings: optimizedInDebug)
    + library(
      "TopologicalSimplification", ["SearchSpaces", "NeuralNetworks", "Autodiff", "Tensors"],
      settings: optimizedInDebug)
    + library(
      "SearchMethods",
      [
        "SearchSpaces", "Datasets", "NeuralNetworks", "Autodiff", "Tensors", "Messages", "Settings",
      ],
      settings: optimizedInDebug)
    + library(
      "Reports", ["SearchSpaces", "Files", "Messages", "SystemErrors"],
      testedWith: ["TopologicalSimplification", "SearchSpaces"])
    + library("Settings")
    + library("CommandLineParsing", ["Messages", "Settings"])
    + [
      .target(
        name: "Runs",
        dependencies: [
          "SearchMethods", "TopologicalSimplification", "Reports", "SearchSpaces",
          "NeuralNetworks", "Datasets", "TensorFiles", "Tensors", "Files", "Messages", "Settings",
          "SystemErrors",
        ]),
      .target(
        name: "Benchmarks",
        dependencies: [
          "Runs", "SearchMethods", "Reports", "SearchSpaces", "NeuralNetworks", "Autodiff",
          "Datasets", "Tensors", "Messages", "Settings",
        ]),
    ]
    + library("Chapters")
    + [
      .executableTarget(name: "notebook-extract", dependencies: ["Chapters"]),
      .plugin(
        name: "NotebookPlugin", capability: .buildTool(), dependencies: ["notebook-extract"],
        path: "Sources/NotebookPlugin"),
      .testTarget(
        name: "NotebookTests",
        dependencies: [
          "toponas", "Chapters", "Runs", "Settings", "SearchMethods", "TopologicalSimplification",
          "Reports",
          "SearchSpaces", "NeuralNetworks", "Datasets", "TensorFiles", "Autodiff", "Tensors",
          "TestSupport",
        ],
        // Chapters see what any user of the libraries sees.
        packageAccess: false, swiftSettings: chapterSettings, plugins: ["NotebookPlugin"]),
      .testTarget(
        name: "ExtensionTests",
        dependencies: [
          "Runs", "SearchMethods", "TopologicalSimplification", "Reports", "SearchSpaces",
          "NeuralNetworks", "Datasets", "TensorFiles", "Autodiff", "Tensors",
        ],
        // What a package of one's own could do: it sees what is public, and nothing else.
        packageAccess: false),
      .executableTarget(
        name: "toponas",
        dependencies: [
          "Runs", "Benchmarks", "SearchMethods", "TopologicalSimplification", "Reports",
          "CommandLineParsing", "SearchSpaces", "Datasets", "TensorFiles", "Tensors", "Files",
          "Messages", "Settings",
          "SystemErrors",
        ],
        swiftSettings: features),
      .testTarget(
        name: "ExerciseTests",
        dependencies: [
          "SearchMethods", "TopologicalSimplification", "SearchSpaces", "Autodiff", "Tensors",
          "TestSupport",
        ]),
      .testTarget(
        name: "PaperTests",
        dependencies: [
          "SearchMethods", "TopologicalSimplification", "SearchSpaces", "NeuralNetworks",
          "Datasets", "Autodiff", "Tensors", "TestSupport",
        ]),
      .testTarget(
        name: "SearchTests",
        dependencies: [
          "toponas", "Runs", "Benchmarks", "SearchMethods", "TopologicalSimplification",
          "SearchSpaces",
          "NeuralNetworks", "Datasets", "TensorFiles", "Autodiff", "Tensors", "TestSupport",
        ],
        exclude: ["HelpSnapshots"]),
      .target(
        name: "TestSupport", dependencies: ["Datasets", "Tensors", "Autodiff"],
        path: "Tests/TestSupport",
        resources: [.copy("Golden")], swiftSettings: optimizedInDebug),
    ],
  swiftLanguageModes: [.v6]
)

/// TOPONAS_TESTS names the only test targets to build, separated by commas, with the targets that they need: a check that
/// runs a few compiles no others.
let wantedTests = environment["TOPONAS_TESTS"].map { $0.split(separator: ",").map(String.init) }
if let wantedTests, !wantedTests.isEmpty {
  let targets = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
  for name in wantedTests {
    precondition(targets[name]?.type == .test, "TOPONAS_TESTS: no test target is called \(name)")
  }
  var (needed, next) = (Set<String>(), wantedTests)
  while let name = next.popLast() {
    if needed.insert(name).inserted { next += targets[name].map(namesOfNeeded) ?? [] }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products = []
}

/// The names of the targets that `target` is built with.
func namesOfNeeded(_ target: Target) -> [String] {
  let targets = target.dependencies.compactMap { dependency -> String? in
    if case .byNameItem(let name, _) = dependency { name } else { nil }
  }
  let plugins = (target.plugins ?? []).compactMap { usage -> String? in
    if case .plugin(let name, _) = usage { name } else { nil }
  }
  return targets + plugins
}
