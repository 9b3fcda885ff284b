import Files

/// What a file is by its first bytes, where it is not what was expected.
///
/// None of them can begin a record of a CIFAR data set, whose first byte is the label of a class.
public enum FileKind: String, CaseIterable, Sendable {
  /// Archives, by their usual names.
  case gzip, zip, bzip2, xz, zstd, sevenZip, tar
  /// Data of other programs.
  case pickle, matlab, numpy, hdf5
  /// Pictures, by their usual names.
  case png, jpeg, gif, bmp, webp, tiff, pixmap
  /// A page of the web.
  case html
  /// What Git has in place of a large file.
  case largeFilePointer

  /// Reads the first bytes of a file; nil if they are none of these.
  init?(beginning bytes: [UInt8]) {
    guard let kind = Self.allCases.first(where: { $0.begins(bytes) }) else { return nil }
    self = kind
  }

  /// Looks into a file; nil if it is none of these, or cannot be read.
  public init?(ofFile path: String) {
    guard isRegularFile(path), let start = try? ByteSource(file: path).prefix(Self.prefixBytes)
    else { return nil }
    self.init(beginning: start)
  }

  /// As many bytes as tell what a file is.
  static let prefixBytes = 512

  private func begins(_ bytes: [UInt8]) -> Bool {
    let start = { (signature: [UInt8]) in bytes.starts(with: signature) }
    let text = { (signature: String, offset: Int) in
      bytes.dropFirst(offset).starts(with: Array(signature.utf8))
    }
    return switch self {
    case .gzip: start([0x1F, 0x8B, 8])
    case .zip: text("PK\u{3}\u{4}", 0)
    case .bzip2: text("BZh", 0)
    case .xz: start([0xFD, 0x37, 0x7A, 0x58, 0x5A])
    case .zstd: start([0x28, 0xB5, 0x2F, 0xFD])
    case .sevenZip: start([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])
    // Pixels of a record can say this too, but its label is no letter.
    case .tar: text("ustar", 257) && bytes[0] >= UInt8(ascii: " ")
    case .pickle: bytes.count > 1 && bytes[0] == 0x80 && 2...5 ~= bytes[1]
    case .matlab: text("MATLAB", 0)
    case .numpy: start([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59])
    case .hdf5: start([0x89, 0x48, 0x44, 0x46])
    case .png: start([0x89, 0x50, 0x4E, 0x47])
    case .jpeg: start([0xFF, 0xD8, 0xFF])
    case .gif: text("GIF8", 0)
    case .bmp: text("BM", 0) && bytes.count > 13 && bytes[6..<10].allSatisfy { $0 == 0 }
    case .webp: text("RIFF", 0) && text("WEBP", 8)
    case .tiff: start([0x49, 0x49, 0x2A, 0]) || start([0x4D, 0x4D, 0, 0x2A])
    case .pixmap:
      bytes.count > 2 && bytes[0] == UInt8(ascii: "P") && (0x31...0x37).contains(bytes[1])
        && (9...13 ~= bytes[2] || bytes[2] == 32)
    case .html: text("<!", 0) || text("<html", 0) || text("<HTML", 0)
    case .largeFilePointer: text("version https://git-lfs", 0)
    }
  }

  /// In words: `a gzip archive`.
  public var words: String {
    switch self {
    case .gzip, .zip, .bzip2, .xz, .zstd, .tar: "a \(rawValue) archive"
    case .sevenZip: "a 7z archive"
    case .pickle: "a pickle of Python"
    case .matlab: "a file of Matlab"
    case .numpy: "an array of NumPy"
    case .hdf5: "an HDF5 file"
    case .png, .jpeg, .gif, .bmp, .webp, .tiff: "a \(rawValue.uppercased()) picture"
    case .pixmap: "a picture of the PPM family"
    case .html: "a page of the web"
    case .largeFilePointer: "a pointer of Git LFS"
    }
  }

  /// What to do with it where images are expected.
  public var hint: String {
    switch self {
    case .gzip, .bzip2, .xz, .zstd, .tar:
      "unpack it with tar -xf, and name the folder that comes out."
    case .zip, .sevenZip: "unpack it, and name the folder that comes out."
    case .pickle, .matlab, .numpy, .hdf5:
      "CIFAR is read in its \"binary version\", whose files end in .bin."
    case .png, .jpeg, .gif, .bmp, .webp, .tiff, .pixmap:
      "of pictures, name the folder that has a folder for each class."
    case .html: "a server has answered with a page instead of the file; fetch it again."
    case .largeFilePointer: "git lfs pull fetches the file that it stands for."
    }
  }

  /// Whether the file is a picture in a format that must be converted.
  public var isPicture: Bool { [.png, .jpeg, .gif, .bmp, .webp, .tiff].contains(self) }
}
