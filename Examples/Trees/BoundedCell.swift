/// One node of the network in double precision and with bounds, from exact float32 inputs. It is
/// written out again from the equations of `TreeLSTM`, so that it shares no mistake with it.
struct BoundedCell: Sendable {
  let parameters: Parameters<HostArray>

  /// The state of a node as a device computed it: h and c, both [H].
  struct Values: Sendable {
    let h: [Float]
    let c: [Float]
  }

  /// What the state must be, and how far it may be from that.
  struct Expected: Sendable {
    let h: BoundedVector
    let c: BoundedVector
  }

  func leaf(_ x: [Float]) -> Expected {
    func gate(_ layer: Parameters<HostArray>.Layer) -> BoundedVector {
      BoundedVector(x, layer.weight, bias: layer.bias)
    }
    let c = gate(parameters.wordInput).sigmoid() * gate(parameters.wordUpdate).tanh()
    return Expected(h: gate(parameters.wordOutput).sigmoid() * c.tanh(), c: c)
  }

  func joined(_ left: Values, _ right: Values) -> Expected {
    func gate(_ gate: Parameters<HostArray>.Gate) -> BoundedVector {
      BoundedVector(left.h, gate.left, bias: gate.bias) + BoundedVector(right.h, gate.right)
    }
    let new = gate(parameters.input).sigmoid() * gate(parameters.update).tanh()
    let fromLeft = gate(parameters.forgetLeft).sigmoid() * BoundedVector(exact: left.c)
    let fromRight = gate(parameters.forgetRight).sigmoid() * BoundedVector(exact: right.c)
    let c = new + fromLeft + fromRight
    return Expected(h: gate(parameters.output).sigmoid() * c.tanh(), c: c)
  }

  /// The probabilities [5] of the classes from the root's h [H].
  func classes(_ h: [Float]) -> BoundedVector {
    BoundedVector(h, parameters.classifier.weight, bias: parameters.classifier.bias).softmax()
  }
}
