import RealModule
import Testing

@testable import Swoop

/// Functions of networks that are made of several rows, against their definitions in double
/// precision. A sum of n products is within γ₍n₊₂₎ · Σ|products| (Higham, section 3.1).
@Suite struct NetworkFunctionTests {
  static func values(_ count: Int, _ seed: UInt64) throws -> [Float] {
    try Tensor.random([count], in: -2...2, seed: seed, on: .cpu).blockingArray()
  }

  static func expect(
    _ tensor: Tensor, _ exact: [(value: Double, magnitude: Double)], terms: Int,
    _ comment: Comment? = nil, location: SourceLocation = #_sourceLocation
  ) throws {
    let got = try tensor.blockingArray(as: Float.self)
    try #require(got.count == exact.count, comment, sourceLocation: location)
    let u = 0x1p-24
    let gamma = Double(terms + 2) * u / (1 - Double(terms + 2) * u)
    for (value, expected) in zip(got, exact) {
      let error = abs(Double(value) - expected.value)
      #expect(error <= gamma * expected.magnitude, comment, sourceLocation: location)
    }
  }

  /// A kernel reads a bias as it lies; so one that is spread out, or a column, is copied first.
  @Test(arguments: TestDevices.all) func anyViewIsABias(_ device: Device) throws {
    let x = try Tensor([[1, 2], [3, 4]] as [[Float]], on: device)
    let w = try Tensor([[1, 0, 1], [0, 1, 1]] as [[Float]], on: device)
    let spread = try Tensor([10] as [Float], on: device).broadcast(to: [3])
    let result = try x.linear(w, bias: spread).blockingArray(as: Float.self)
    #expect(result == [11, 12, 13, 13, 14, 17])
    let matrix = try Tensor([[10, 0], [20, 0], [30, 0]] as [[Float]], on: device)
    let column = try x.linear(w, bias: matrix[.all, 0]).blockingArray(as: Float.self)
    #expect(column == [11, 22, 33, 13, 24, 37])
    let backwards = try x.linear(w, bias: matrix[.all, 0].flipped()).blockingArray(as: Float.self)
    #expect(backwards == [31, 22, 13, 33, 24, 17])
  }

  struct Convolution: Sendable, CustomStringConvertible {
    var n = 2, c = 4, h = 7, w = 6, o = 6, kernel = (3, 2), stride = (1, 1), padding = (0, 0)
    var dilation = (1, 1), groups = 1
    var description: String {
      "[\(n), \(c), \(h), \(w)], \(o) outputs, kernel \(kernel), stride \(stride), padding "
        + "\(padding), dilation \(dilation), \(groups) groups"
    }

    func exact(_ x: [Float], _ weight: [Float], _ bias: [Float]) -> [(Double, Double)] {
      let rows = (h + 2 * padding.0 - dilation.0 * (kernel.0 - 1) - 1) / stride.0 + 1
      let columns = (w + 2 * padding.1 - dilation.1 * (kernel.1 - 1) - 1) / stride.1 + 1
      let (part, parts) = (c / groups, o / groups)
      var result: [(Double, Double)] = []
      for image in 0..<n {
        for output in 0..<o {
          for row in 0..<rows {
            for column in 0..<columns {
              var (sum, magnitude) = (Double(bias[output]), abs(Double(bias[output])))
              for channel in 0..<part {
                let plane = image * c + output / parts * part + channel
                for ky in 0..<kernel.0 {
                  let y = row * stride.0 + ky * dilation.0 - padding.0
                  for kx in 0..<kernel.1 {
                    let column = column * stride.1 + kx * dilation.1 - padding.1
                    guard (0..<h).contains(y), (0..<w).contains(column) else { continue }
                    let place = ((output * part + channel) * kernel.0 + ky) * kernel.1 + kx
                    let product = Double(x[(plane * h + y) * w + column]) * Double(weight[place])
                    sum += product
                    magnitude += abs(product)
                  }
                }
              }
              result.append((sum, magnitude))
            }
          }
        }
      }
      return result
    }
  }

  static let convolutions = [
    Convolution(), Convolution(stride: (2, 1), padding: (1, 1)),
    Convolution(kernel: (2, 3), padding: (0, 2), dilation: (2, 1), groups: 2),
    Convolution(n: 1, c: 3, o: 3, kernel: (1, 1), groups: 3),
    Convolution(n: 3, c: 1, h: 5, w: 5, o: 2, kernel: (5, 5), stride: (3, 2), padding: (2, 1)),
  ]

  @Test(arguments: TestDevices.all, convolutions)
  func convolutionIsItsDefinition(_ device: Device, _ form: Convolution) throws {
    let part = form.c / form.groups
    let x = try Self.values(form.n * form.c * form.h * form.w, 1)
    let weight = try Self.values(form.o * part * form.kernel.0 * form.kernel.1, 2)
    let bias = try Self.values(form.o, 3)
    let result = try Tensor(x, shape: [form.n, form.c, form.h, form.w], on: device).conv2d(
      Tensor(weight, shape: [form.o, part, form.kernel.0, form.kernel.1], on: device),
      bias: Tensor(bias, shape: [form.o], on: device),
      stride: SpatialSize(form.stride.0, form.stride.1),
      padding: SpatialSize(form.padding.0, form.padding.1),
      dilation: SpatialSize(form.dilation.0, form.dilation.1), groups: form.groups)
    try Self.expect(
      result, form.exact(x, weight, bias), terms: part * form.kernel.0 * form.kernel.1 + 1)
  }

  @Test(arguments: TestDevices.all)
  func convolutionOfLinesIsThatOfPlanes(_ device: Device) throws {
    let form = Convolution(n: 2, c: 4, h: 1, w: 11, o: 2, kernel: (1, 3), stride: (1, 2))
    let x = try Self.values(88, 4)
    let weight = try Self.values(24, 5)
    let result = try Tensor(x, shape: [2, 4, 11], on: device).conv1d(
      Tensor(weight, shape: [2, 4, 3], on: device), stride: 2)
    #expect(result.shape == [2, 2, 5])
    try Self.expect(result, form.exact(x, weight, [0, 0]), terms: 12)
  }

  @Test(arguments: TestDevices.all)
  func poolingTakesWindows(_ device: Device) throws {
    let plane = try Tensor((0..<16).map { Float($0) }, shape: [1, 1, 4, 4], on: device)
    #expect(try plane.maxPool2d(2).blockingArray(as: Float.self) == [5, 7, 13, 15])
    #expect(try plane.averagePool2d(2).blockingArray(as: Float.self) == [2.5, 4.5, 10.5, 12.5])
    let padded = try (-plane).maxPool2d(3, stride: 2, padding: 1)
    #expect(try padded.blockingArray(as: Float.self) == [0, -1, -4, -5])
    let counted = try plane.averagePool2d([1, 2], stride: [4, 1])
    #expect(try counted.blockingArray(as: Float.self) == [0.5, 1.5, 2.5])
    let integers = try plane.cast(to: .int32).maxPool2d(3, stride: 3, padding: 1)
    #expect(try integers.blockingArray(as: Int32.self) == [5, 7, 13, 15])
  }

  @Test(arguments: TestDevices.all)
  func normsAreTheirDefinitions(_ device: Device) throws {
    let (rows, length) = (5, 37)
    let x = try Self.values(rows * length, 6)
    let tensor = try Tensor(x, shape: [rows, length], on: device)
    let weight = try Tensor(Self.values(length, 7), shape: [length], on: device)
    let layer = try tensor.layerNorm(weight: weight, bias: weight).blockingArray(as: Float.self)
    let root = try tensor.rmsNorm(weight: weight).blockingArray(as: Float.self)
    let scale = try Self.values(length, 7).map { Double($0) }
    for row in 0..<rows {
      let list = x[row * length..<(row + 1) * length].map { Double($0) }
      let mean = list.reduce(0, +) / Double(length)
      let variance = list.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let square = list.reduce(0) { $0 + $1 * $1 } / Double(length)
      for column in 0..<length {
        let y = (list[column] - mean) / (variance + 1e-5).squareRoot()
        // Mean and variance are within γₙ of sums of magnitude 2 and 4; y amplifies by 1/σ ≈ 1.
        let bound = Double(length + 8) * 0x1p-24 * (4 + 2 * abs(y)) * (1 + abs(scale[column]))
        let expected = y * scale[column] + scale[column]
        #expect(abs(Double(layer[row * length + column]) - expected) <= bound)
        let z = list[column] / (square + 1e-5).squareRoot() * scale[column]
        #expect(abs(Double(root[row * length + column]) - z) <= bound)
      }
    }
  }

  @Test(arguments: TestDevices.all)
  func batchNormIsItsDefinition(_ device: Device) throws {
    let x = try Tensor([[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]], on: device)
    let result = try x.batchNorm(
      mean: Tensor([1.0, 2], on: device), variance: Tensor([4.0, 1], on: device),
      weight: Tensor([2.0, 1], on: device), bias: Tensor([0.0, 10], on: device), epsilon: 0)
    #expect(try result.blockingArray(as: Float.self) == [0, 1, 11, 12, 4, 5, 15, 16])
  }

  @Test(arguments: TestDevices.all, [false, true])
  func attentionIsItsDefinition(_ device: Device, isCausal: Bool) throws {
    let (b, m, n, d, e) = (2, 3, 5, 4, 6)
    let (q, k, v) = (
      try Self.values(b * m * d, 8), try Self.values(b * n * d, 9), try Self.values(b * n * e, 10)
    )
    let result = try Tensor(q, shape: [b, m, d], on: device).scaledDotProductAttention(
      keys: Tensor(k, shape: [b, n, d], on: device),
      values: Tensor(v, shape: [b, n, e], on: device), isCausal: isCausal)
    var exact: [(Double, Double)] = []
    for batch in 0..<b {
      for query in 0..<m {
        let scores = (0..<n).map { key -> Double in
          if isCausal, key - (n - m) > query { return -.infinity }
          return (0..<d).reduce(0.0) {
            $0 + Double(q[(batch * m + query) * d + $1]) * Double(k[(batch * n + key) * d + $1])
          } / 2
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { Double.exp($0 - largest) }
        let total = weights.reduce(0, +)
        for column in 0..<e {
          let sum = (0..<n).reduce(0.0) {
            $0 + weights[$1] / total * Double(v[(batch * n + $1) * e + column])
          }
          // Scores up to 8 in magnitude with γ₆ · 8 absolute, exponentials 3 + 2 · 16 units more.
          exact.append((sum, 2 * (1 + 6 * 8 + 35 + 4)))
        }
      }
    }
    try Self.expect(result, exact, terms: n)
  }

  @Test(arguments: TestDevices.all)
  func maskHidesKeys(_ device: Device) throws {
    let q = try Tensor.random([2, 4], seed: 1, on: device)
    let k = try Tensor.random([3, 4], seed: 2, on: device)
    let v = try Tensor([[1.0], [2], [3]], on: device)
    let mask = try Tensor([[true, false, false], [false, false, true]], on: device)
    let result = try q.scaledDotProductAttention(keys: k, values: v, mask: mask)
    #expect(try result.blockingArray(as: Float.self) == [1, 3])
  }

  static let expressions: [(String, [[Int]])] = [
    ("ij,jk->ik", [[3, 5], [5, 4]]), ("bij,bjk->bik", [[2, 3, 5], [2, 5, 4]]),
    ("ij->ji", [[3, 4]]), ("ii->i", [[4, 4]]), ("ii", [[4, 4]]), ("ij,ij->", [[3, 4], [3, 4]]),
    ("i,j->ij", [[3], [4]]), ("ijk,jil->kl", [[3, 4, 2], [4, 3, 5]]),
    ("abc,cd,de->abe", [[2, 3, 4], [4, 5], [5, 2]]), ("ij,k->i", [[3, 4], [2]]),
    ("bhqd,bhkd->bhqk", [[2, 2, 3, 4], [2, 2, 5, 4]]), ("iij,j->i", [[3, 3, 4], [4]]),
  ]

  @Test(arguments: TestDevices.all, expressions)
  func einsumIsItsDefinition(_ device: Device, _ example: (String, [[Int]])) throws {
    let (expression, shapes) = example
    let data = try shapes.enumerated().map { try Self.values($1.reduce(1, *), UInt64($0 + 20)) }
    let operands = try zip(data, shapes).map { try Tensor($0, shape: Shape($1), on: device) }
    let result: Tensor
    switch operands.count {
    case 1: result = try Tensor.einsum(expression, operands[0])
    case 2: result = try Tensor.einsum(expression, operands[0], operands[1])
    default: result = try Tensor.einsum(expression, operands[0], operands[1], operands[2])
    }
    let sides = expression.split(separator: "->", omittingEmptySubsequences: false)
    let inputs = sides[0].split(separator: ",").map { Array($0) }
    var sizes: [Character: Int] = [:]
    for (labels, shape) in zip(inputs, shapes) {
      for (label, size) in zip(labels, shape) { sizes[label] = size }
    }
    let output = sides.count == 2 ? Array(sides[1]) : []
    let inner = sizes.keys.filter { !output.contains($0) }.sorted()
    func each(_ labels: [Character], _ body: ([Character: Int]) -> Void) {
      let count = labels.reduce(1) { $0 * (sizes[$1] ?? 1) }
      for index in 0..<count {
        var (rest, place): (Int, [Character: Int]) = (index, [:])
        for label in labels.reversed() {
          place[label] = rest % (sizes[label] ?? 1)
          rest /= sizes[label] ?? 1
        }
        body(place)
      }
    }
    var exact: [(Double, Double)] = []
    each(output) { outer in
      var (sum, magnitude) = (0.0, 0.0)
      each(inner) { place in
        var product = 1.0
        for (labels, (list, shape)) in zip(inputs, zip(data, shapes)) {
          var index = 0
          for (label, size) in zip(labels, shape) {
            index = index * size + (outer[label] ?? place[label] ?? 0)
          }
          product *= Double(list[index])
        }
        sum += product
        magnitude += abs(product)
      }
      exact.append((sum, magnitude))
    }
    #expect(Array(result.shape) == output.map { sizes[$0] ?? 0 })
    let terms = inner.reduce(shapes.count) { $0 + (sizes[$1] ?? 1) }
    try Self.expect(result, exact, terms: terms, "\(expression)")
  }

  @Test func badNetworkArgumentsAreErrors() throws {
    let x = try Tensor.zeros([1, 2, 4, 4], on: .cpu)
    let weight = try Tensor.zeros([2, 2, 3, 3], on: .cpu)
    #expect(throws: TensorError.self) { try x.conv2d(weight, stride: 0) }
    #expect(throws: TensorError.self) { try x.conv2d(weight, stride: [1, 2, 3]) }
    #expect(throws: TensorError.self) { try x.conv2d(weight, dilation: 2) }
    #expect(throws: TensorError.self) { try x.conv2d(weight, padding: -1) }
    #expect(throws: TensorError.self) { try x.conv2d(weight, groups: 2) }
    #expect(throws: TensorError.self) { try x.conv2d(weight, bias: x) }
    #expect(throws: TensorError.self) { try x.maxPool2d(2, padding: 2) }
    #expect(throws: TensorError.self) { try x.maxPool2d(SpatialSize(1 << 40, 1)) }
    #expect(throws: TensorError.self) { try x.layerNorm(weight: x) }
    #expect(throws: TensorError.self) { try x.layerNorm(epsilon: -1) }
    for expression in ["ij,", "i->j", "i1", "ab->a->b", "abcd->aa", "abc", "ab-cd"] {
      #expect(throws: TensorError.self) { try Tensor.einsum(expression, x) }
    }
    #expect(throws: TensorError.self) { try Tensor.einsum("abcd,abcd->", x, weight) }
  }
}
