#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Lines.glsl"

// An operand with updates at some places along an axis. The third operand has, for each line or
// for all, the sorted pairs that Sort.comp makes of the indices: so each result finds its updates
// side by side, in the order of the indices, and adds them in that order, whoever else runs.
//
// words: 0 results of an entry, 1 invocations of an entry, 2 size of the axis, 3 inner lines,
//        4 pairs of a line, 5 whether every line has pairs of its own,
//        6… the operand's lines, 42… the updates'.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
layout(constant_id = 5) const uint MODE_2 = 0;
layout(constant_id = 6) const uint PER_INVOCATION = 1;

const uint OPERAND = 6;
const uint UPDATES = OPERAND + LINE_WORDS;

int pairWord(uvec2 pairs, uint word) {
  int value;
  fetch(2, ENCODING_2, pairs, word, value);
  return value;
}

ELEMENT update(Block block, uvec2 updates, uint base, uint position) {
  ELEMENT value;
  fetch(1, ENCODING_1, updates, base + position * lineStep(block, UPDATES), value);
  return value;
}

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint lanes = block.words[1];
  uint entry = id / lanes;
  if (entry >= block.batch) return;
  uint lane = id - entry * lanes;
  uint size = block.words[2];
  uint inner = block.words[3];
  uint length = block.words[4];
  uvec2 address = entryAddress(block.operands[0], MODE_0, entry);
  uvec2 updates = entryAddress(block.operands[1], MODE_1, entry);
  uvec2 pairs = entryAddress(block.operands[2], MODE_2, entry);
  uvec2 result = resultAddress(block, entry);

  for (uint i = 0; i < PER_INVOCATION; ++i) {
    uint ordinal = lane + i * lanes;
    if (ordinal >= count) return;
    uint line = ordinal / inner;
    uint column = ordinal - line * inner;
    uint outer = line / size;
    int place = int(line - outer * size);
    uint first = block.words[5] == 0 ? 0 : (outer * inner + column) * length * 2;

    // The first pair whose key is not below the place.
    uint low = 0, high = length;
    while (low < high) {
      uint middle = (low + high) / 2;
      if (pairWord(pairs, first + middle * 2) < place) low = middle + 1;
      else high = middle;
    }
    ELEMENT value = load(0, address, lineStart(block, OPERAND, outer, column) + uint(place) * lineStep(block, OPERAND));
    uint base = lineStart(block, UPDATES, outer, column);
    // Several a turn: lavapipe ends an invocation's loops after 65,535 turns in all.
    bool isMore = true;
    for (; isMore; low += 8) {
      [[unroll]] for (uint k = 0; k < 8; ++k) {
        uint next = low + k;
        isMore = isMore && next < length;
        if (isMore) isMore = pairWord(pairs, first + next * 2) == place;
        if (isMore) {
          ELEMENT one = update(block, updates, base, uint(pairWord(pairs, first + next * 2 + 1)));
#ifdef SCATTER_scatterAdd
          value += one;
#else
          value = one;
#endif
        }
      }
    }
    store(result, ordinal, value);
  }
}
