/// Two sizes on a plane, rows and columns: `3` for both, or `[2, 1]`.
///
/// A literal cannot throw, so one of a wrong count is remembered as such and refused with an error
/// by the function that is given it.
public struct SpatialSize: Sendable, Hashable, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  private let sizes: [Int]

  /// A size for rows and one for columns.
  public init(_ rows: Int, _ columns: Int) { sizes = [rows, columns] }
  /// One size for rows and columns.
  public init(integerLiteral value: Int) { sizes = [value, value] }
  /// `[rows, columns]`; a list of another length is refused by whoever is given it.
  public init(arrayLiteral elements: Int...) { sizes = elements }

  public var description: String { "\(sizes)" }

  package func pair(_ what: String, _ operation: String) throws(TensorError) -> (Int, Int) {
    guard sizes.count == 2 else {
      throw TensorError(
        .invalidArgument,
        "\(operation) was given \(what) of \(sizes); it takes one size, or one for rows and one for "
          + "columns")
    }
    return (sizes[0], sizes[1])
  }
}
