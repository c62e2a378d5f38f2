// What networks are trained to make small.

extension Tensor {
  /// What becomes of the losses of the samples.
  public enum Reduction: Sendable, Hashable, CaseIterable {
    /// Their mean.
    case mean
    /// Their sum.
    case sum
    /// One loss for each sample.
    case none
  }

  /// The cross entropy of the targets and the softmax of this tensor along the last axis (Bishop,
  /// *Pattern Recognition and Machine Learning*, 2006, equation 4.108). This tensor is the logits
  /// z, `[…, classes]`: each line a sample's.
  ///
  /// Of a label k it is log Σ exp(z) - zₖ, of probabilities p it is Σ p · (log Σ exp(z) - z), made
  /// of `logSoftmax` in float32: so large logits do not overflow, and small probabilities keep
  /// their logarithm. A class that has p = 0 counts nothing, also where its logit is -infinity.
  /// - Parameters:
  ///   - targets: int32 or uint8: the label of each sample, of the logits' shape without the last
  ///     axis; negative ones count from the last class. Or of a floating-point type: the
  ///     probabilities of all classes, of the logits' shape.
  ///   - reduction: over all samples, however many axes they have.
  /// - Returns: a scalar, or for `none` a tensor of the logits' shape without the last axis; of the
  ///   logits' element type, float32 for integers.
  /// - Throws: `shapeMismatch`, `elementTypeMismatch` for bool targets, `emptyReduction` for the
  ///   mean of no samples, `deviceMismatch`; readers get `indexOutOfRange` for a label that is no
  ///   class.
  public func crossEntropy(
    _ targets: Tensor, reduction: Reduction = .mean
  ) throws(TensorError) -> Tensor {
    let isLabels = targets.elementType.isInteger
    guard isLabels || targets.elementType.isFloatingPoint else {
      throw TensorError(
        .elementTypeMismatch,
        "crossEntropy was given targets of \(targets.elementType); it takes labels of int32 or "
          + "uint8, or probabilities of a floating-point type")
    }
    guard shape.rank > 0, Array(targets.shape) == Array(isLabels ? shape.dropLast() : shape[...])
    else {
      throw .shapeMismatch(
        "crossEntropy", [shape, targets.shape],
        accepted: "logits […, classes] and "
          + (isLabels ? "labels […]" : "probabilities […, classes]"))
    }
    let logarithms = try cast(to: .float32).logSoftmax()
    var losses: Tensor
    if isLabels {
      losses = try -logarithms.takingAlong(targets.expandingDimensions(-1), axis: -1)
        .reshaped(targets.shape)
    } else {
      let probabilities = try targets.cast(to: .float32)
      // 0 times infinity has no value.
      let isAbsent = try (probabilities .== 0) .& (logarithms .== -Float.infinity)
      losses = try -(probabilities * Tensor.where(isAbsent, 0, logarithms)).sum(-1)
    }
    switch reduction {
    case .mean: losses = try losses.mean()
    case .sum: losses = try losses.sum()
    case .none: break
    }
    return try losses.cast(to: elementType.floating)
  }
}
