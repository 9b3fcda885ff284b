import Testing

@Suite("Exercises")
struct ExerciseTests {
  @Test(
    .enabled(
      if: Exercise.wanted != nil,
      "TOPONAS_EXERCISES=1 checks what you wrote, and TOPONAS_EXERCISES=softmax-pullback one function"
    ),
    arguments: Exercise.chosen)
  func `what you wrote is right`(_ name: String) throws {
    let exercise = try #require(
      Exercise.all.first { $0.name == name },
      "no exercise \(name); there are \(Exercise.all.map(\.name).joined(separator: ", "))")
    for mistake in exercise.mistakes() {
      Issue.record("\(name): \(mistake)\nHint: \(exercise.hint)")
    }
  }

  @Test(arguments: Exercise.all.map(\.name))
  func `the checks pass for the library, and for no wrong function`(_ name: String) throws {
    let exercise = try #require(Exercise.all.first { $0.name == name })
    #expect(exercise.mistakesOfLibrary().isEmpty, "\(exercise.mistakesOfLibrary())")
    #expect(exercise.wrong.first?.name == "stub" && !exercise.hint.isEmpty)
    for (wrong, mistakes) in exercise.wrong { #expect(!mistakes().isEmpty, "\(name): \(wrong)") }
  }
}
