import Swoop

// Finding, moving and sorting elements by index.

extension OperationTable {
  static let indexing: [OperationLine] = [
    OperationLine(.take, .takes, Reference.take) { x, options in
      try x[0].taking(x[1], axis: options.axis ?? -1)
    },
    OperationLine(.takeAlong, .takesAlong.inEveryType(), Reference.takeAlong) { x, options in
      try x[0].takingAlong(x[1], axis: options.axis ?? -1)
    },
    OperationLine(.oneHot, .oneHots.inEveryType([.uint8]), Reference.oneHot) { x, options in
      try x[0].oneHot(options.words[0], as: options.type ?? .float32)
    },
    OperationLine(.scatter, .scatters.inEveryType(), Reference.scatter) { x, options in
      try x[0].scattering(x[1], at: x[2], axis: options.axis ?? -1)
    },
    OperationLine(.scatterAdd, .scatters.inEveryType(), Reference.scatterAdd) { x, options in
      try x[0].scatterAdding(x[1], at: x[2], axis: options.axis ?? -1)
    },
    // A sort is a first pass for short lines, and merges for longer ones.
    OperationLine(.sortRuns, .sorts(isShort: true), Reference.argsort) { x, options in
      try x[0].argsort(options.axis ?? -1, descending: options.words.first == 1)
    },
    OperationLine(.mergeRuns, .sorts(isShort: false), Reference.argsort) { x, options in
      try x[0].argsort(options.axis ?? -1, descending: options.words.first == 1)
    },
    OperationLine(.searchSorted, .searches, Reference.searchSorted) { x, options in
      try x[0].searchSorted(x[1], side: options.words.first == 1 ? .right : .left)
    },
  ]
}
