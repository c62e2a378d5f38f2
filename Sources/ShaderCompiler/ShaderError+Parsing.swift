extension ShaderError {
  /// An error with the diagnostics found in what shaderc wrote.
  init(code: Code, source: String, parsing text: String) {
    let lines = text.split(separator: "\n")
    self.init(
      code: code,
      source: source,
      diagnostics: lines.compactMap { Diagnostic(parsing: $0) },
      text: lines.joined(separator: "\n"))
  }
}

extension ShaderError.Diagnostic {
  /// Reads `file:line: error: message` or `file: error: message`; `nil` for any other line.
  init?(parsing text: Substring) {
    let markers: [(String, Severity)] = [(": error: ", .error), (": warning: ", .warning)]
    // A message may quote the other marker: the first one in the line is shaderc's.
    let found = markers.compactMap { marker, severity in
      text.firstRange(of: marker).map { (range: $0, severity: severity) }
    }
    guard let first = found.min(by: { $0.range.lowerBound < $1.range.lowerBound }) else {
      return nil
    }
    let place = text[..<first.range.lowerBound]
    let message = String(text[first.range.upperBound...])
    if let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...]) {
      self.init(
        file: String(place[..<colon]), line: line, severity: first.severity, message: message)
    } else {
      self.init(file: String(place), line: nil, severity: first.severity, message: message)
    }
  }
}
