import Swoop

/// The generator of the cases serves the other tests as well.
typealias TestGenerator = SplitMix
