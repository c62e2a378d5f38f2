import Swoop

extension Workload {
  struct NoDigits: Error, CustomStringConvertible { let description = "no digits yet" }
  static func digits(_ folder: String?) throws -> Workload { throw NoDigits() }
}
