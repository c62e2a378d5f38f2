import ArgumentParser
import SwoopCheck
import SwoopLab

struct OperationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operations", abstract: "Every operation with its element types and error bound.")

  @Flag(help: "As Documentation/Operations.md has it.")
  var markdown = false

  func run() {
    if markdown { return print(OperationsDocument.markdown, terminator: "") }
    var table = Table([
      .text("operation"), .text("family"), .text("element types"), .text("derivative"),
      .text("bound"),
    ])
    for line in OperationTable.lines {
      table.append([
        line.operation.name, line.operation.family.name,
        OperationsDocument.names(line.types),
        line.operation.hasDerivative ? "yes" : "no", line.operation.precision.words,
      ])
    }
    for line in table.lines(indent: 0) { print(line) }
  }
}
