/// Images of handwritten digits and what they show: 1,797 of 8×8 pixels.
///
/// Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, UCI Machine
/// Learning Repository, CC BY 4.0. `Data/README.md` tells more.
public struct Digits: Sendable, Hashable {
  /// The width and the height of an image.
  public static let side = 8
  /// The pixels of an image.
  public static let pixelCount = side * side
  /// The digits there are.
  public static let classCount = 10
  /// The images of the whole set.
  public static let totalCount = 1_797
  /// The images to train on: the first of the set.
  public static let trainingCount = 1_297

  /// The images row by row, one after the other; 0 is paper, 1 is ink.
  public let pixels: [Float]
  /// What the images show: 0 … 9.
  public let labels: [Int32]

  /// The number of images.
  public var count: Int { labels.count }

  init(pixels: [Float], labels: [Int32]) {
    self.pixels = pixels
    self.labels = labels
  }

  /// Of the whole set the first 1,297 images.
  public var training: Digits {
    Digits(
      pixels: Array(pixels.prefix(Digits.trainingCount * Digits.pixelCount)),
      labels: Array(labels.prefix(Digits.trainingCount)))
  }

  /// Of the whole set the last 500 images.
  public var test: Digits {
    Digits(
      pixels: Array(pixels.dropFirst(Digits.trainingCount * Digits.pixelCount)),
      labels: Array(labels.dropFirst(Digits.trainingCount)))
  }

  /// Reads the whole set.
  /// - Parameter path: the file; nil takes `digits.csv` in the directory that the environment
  ///   variable `SWOOP_DATA` names; without that it is looked for beside the executable, in the
  ///   project's sources, and in `Examples/DigitsData/Data` below the current directory.
  /// - Throws: `fileNotFound`, `unreadable`; `malformed` for a file that is not 1,797 lines of 64
  ///   pixels 0 … 16 and a label 0 … 9.
  public static func load(from path: String? = nil) throws(DigitsError) -> Digits {
    let path = try DataFile.locate("digits.csv", given: path)
    let bytes = try DataFile.read(path, limit: 1 << 20)
    return try DigitsParser(path: path).parse(bytes.array)
  }
}
