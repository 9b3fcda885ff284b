import Datasets
import Messages

/// Why a run has no images to begin or to go on with.
package enum RunImagesError: UserError, Equatable {
  /// They are not where the configuration of the run says.
  case moved(DatasetError)
  /// They are of another form than those that the run began with.
  case otherForm(expected: ImageForm, found: ImageForm)
  /// There are fewer than an option, or what stands for it, asks for.
  case tooFew(DatasetError, option: String)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode {
    switch self {
    case .moved(let cause), .tooFew(let cause, _): cause.exitCode
    case .otherForm: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .moved(let cause):
      """
      \(cause)
      Hint: the configuration of the run says that its images are there; \(setting: "data") DIR names where they are now.
      """
    case .tooFew(let cause, let option):
      """
      \(cause)
      Hint: \(setting: option) N says how many.
      """
    case .otherForm(let expected, let found):
      """
      expected images of \(expected.text), for which the run has a network, found some of \(found.text)
      Hint: \(setting: "data") DIR names the folder with the images that the run began with.
      """
    }
  }
}

extension RunPlan {
  /// Finds the images at `place`, or else where the plan says, which may be of another day.
  package func findImages(now place: String?) throws -> Images {
    if let place { return try findImages(at: place) }
    do throws(DatasetError) { return try findImages(at: data) } catch {
      guard error.exitCode == .noInput else { throw error }
      throw RunImagesError.moved(error)
    }
  }

  /// Throws if the network is built for other images than those that were found.
  package func check(_ found: ImageForm) throws(RunImagesError) {
    guard found == imageForm else { throw .otherForm(expected: imageForm, found: found) }
  }
}
