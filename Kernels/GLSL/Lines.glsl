// The lines of an operand along one axis. Axes before it are the outer, axes after it the inner
// ones; both are counted row-major.
//
// 36 words say how they lie: origin, step along the axis, outer rank, 8 sizes, 8 strides,
// inner rank, 8 sizes, 8 strides.

const uint LINE_WORDS = 36;

// Where the first element of a line lies.
uint lineStart(Block block, uint at, uint outer, uint inner) {
  return block.words[at] + stridedOffset(block, outer, block.words[at + 2], at + 3, at + 11)
    + stridedOffset(block, inner, block.words[at + 19], at + 20, at + 28);
}

// Strides may be negative; they wrap around.
uint lineStep(Block block, uint at) { return block.words[at + 1]; }
