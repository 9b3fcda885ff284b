import Foundation
import PackagePlugin

/// Turns the chapters of `Notebooks-md`, and the README, into Swift files when the tests are built.
@main
struct NotebookPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let folder = root.appendingPathComponent("Notebooks-md")
    let numbered = try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "md" && $0.lastPathComponent.first?.isNumber == true }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    let chapters = numbered + [root.appendingPathComponent("README.md")]
    let output = context.pluginWorkDirectoryURL
    let names = chapters.map {
      "Chapter\($0.deletingPathExtension().lastPathComponent.prefix { $0 != "-" })"
    }
    return [
      .buildCommand(
        displayName: "Reading \(chapters.count) chapters",
        executable: try context.tool(named: "notebook-extract").url,
        arguments: [output.path] + chapters.map(\.path),
        inputFiles: chapters,
        outputFiles: (names + ["AllChapters"]).map { output.appendingPathComponent("\($0).swift") })
    ]
  }
}
