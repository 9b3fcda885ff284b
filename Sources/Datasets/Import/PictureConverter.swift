import Files
import Foundation

/// A program of this machine that reads pictures of all kinds and makes square ones of them.
public struct PictureConverter: Sendable {
  /// The programs that are known, in the order in which they are looked for.
  public enum Program: String, CaseIterable, Sendable {
    /// ImageMagick 7.
    case magick
    /// ImageMagick 6.
    case convert
    /// FFmpeg.
    case ffmpeg
    /// What macOS has.
    case sips
  }

  /// Why a picture was not converted.
  public enum Problem: Error, Equatable {
    /// The program does not do it, in its words.
    case refused(String)
    /// The system refuses to write a file that the program needs.
    case notWritten(reason: String)
  }

  /// Which it is.
  public let program: Program
  /// The path of the program.
  public let path: String

  /// Finds the first program that works in `folders`, as `PATH` has them, parted by colons.
  ///
  /// Works is: it makes a picture of the wanted size of a small one. Not all that has such a name does. `scratch` is a
  /// folder for files that do not remain.
  public static func find(
    in folders: String, scratch: String
  ) throws(ImportError) -> PictureConverter {
    var failures: [String] = []
    for program in Program.allCases {
      for folder in folders.split(separator: ":") {
        let path = "\(folder)/\(program.rawValue)"
        guard isRegularFile(path), access(path, X_OK) == 0 else { continue }
        let converter = PictureConverter(program: program, path: path)
        do throws(Problem) {
          try converter.checkThatItWorks(scratch: scratch)
          return converter
        } catch {
          switch error {
          case .refused(let reason): failures.append("\(path): \(reason)")
          case .notWritten(let reason):
            throw .cannotWrite(PathParts(scratch).folder, reason: reason)
          }
        }
      }
    }
    throw .noConverter(known: Program.allCases.map(\.rawValue), failures: failures)
  }

  private func checkThatItWorks(scratch: String) throws(Problem) {
    let file = "\(scratch)/probe.bmp"
    defer { try? removeFile(file) }
    let shades: [UInt8] = [0, 85, 170, 255].flatMap { [UInt8](repeating: $0, count: 3) }
    do { try writeNewFile(Bitmap(extent: 2, pixels: shades).encoded, to: file) } catch {
      throw .notWritten(reason: "\(error)")
    }
    _ = try convert(file, to: 8, scratch: "\(scratch)/probe")
  }

  /// The pixels of a picture, stretched to `extent` rows and columns.
  ///
  /// It is turned as its camera says, laid on white where it is transparent, and of several pictures in a file the first
  /// one is taken, as far as the program does that. What is written on the way has names that begin with `scratch`.
  func convert(_ file: String, to extent: Int, scratch: String) throws(Problem) -> Pixmap {
    let bitmap = "\(scratch).bmp"
    defer { try? removeFile(bitmap) }
    let run: ProgramRun
    do {
      run = try ProgramRun(
        path, arguments(file, extent, bitmap: bitmap), input: file, scratch: scratch)
    } catch { throw .notWritten(reason: "\(error)") }
    if let failure = run.failure { throw .refused(failure) }
    if program == .sips {
      let bytes = (try? ByteSource(file: bitmap).prefix(1 << 24)) ?? []
      guard let picture = Bitmap(decoding: bytes, extent: extent) else {
        throw .refused("it made no bitmap of \(extent) x \(extent) pixels")
      }
      return Pixmap(extent: extent, pixels: picture.pixels)
    }
    guard let picture = try? Pixmap(decoding: run.output, file: file), picture.extent == extent
    else { throw .refused("it made no PPM picture of \(extent) x \(extent) pixels") }
    return picture
  }

  /// The arguments of the program.
  ///
  /// It reads the picture from its input or from a full path, for a bare name can have a meaning.
  private func arguments(_ file: String, _ extent: Int, bitmap: String) -> [String] {
    switch program {
    case .magick, .convert:
      [
        "-[0]", "-auto-orient", "-colorspace", "sRGB", "-background", "white", "-alpha", "remove",
        "-resize", "\(extent)x\(extent)!", "-depth", "8", "ppm:-",
      ]
    case .ffmpeg:
      [
        "-nostdin", "-v", "error", "-i", "pipe:0", "-frames:v", "1", "-vf",
        "scale=\(extent):\(extent):flags=area,format=rgb24", "-c:v", "ppm", "-f", "image2pipe",
        "pipe:1",
      ]
    case .sips:
      [
        "-s", "format", "bmp", "-z", "\(extent)", "\(extent)", Self.whole(file), "-o",
        Self.whole(bitmap),
      ]
    }
  }

  /// A path from the root, so that none begins with a dash.
  private static func whole(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }
}
