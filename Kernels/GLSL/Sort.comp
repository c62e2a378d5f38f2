#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Lines.glsl"
#include "Indices.glsl"
#include "Keys.glsl"

// The beginning of a stable sort: runs of RUN elements of each line, in order. A result is a
// pair of words, the element's key and its place in the line; an element's place in its run is
// the number of those that go before it. Merge.comp does the rest.
//
// words: 0 elements of an entry, 1 length of a line, 2 inner lines, 3 size of the axis that
//        elements are indices of, 4… the operand's lines.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint RUN = 32;
layout(constant_id = 5) const uint ORDER = 0;
const uint ASCENDING = 0;
const uint DESCENDING = 1;
const uint INDEX = 2;  // indices, which are tested

const uint OPERAND = 4;

int key(ELEMENT x, uint size) {
  if (ORDER == DESCENDING) return reversedKeyOf(x);
  if (ORDER == INDEX) {
    int index = int(x);
    bool isGood = index < 0 ? uint(-(index + 1)) < size : uint(index) < size;
    return isGood ? (index < 0 ? index + int(size) : index) : HIGHEST_KEY;
  }
  return keyOf(x);
}

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint entry = id / count;
  if (entry >= block.batch) return;
  uint ordinal = id - entry * count;
  uint length = block.words[1];
  uint inner = block.words[2];
  uint size = block.words[3];
  uvec2 address = entryAddress(block.operands[0], MODE, entry);

  uint line = ordinal / length;
  uint place = ordinal - line * length;
  uint outer = line / inner;
  uint column = line - outer * inner;
  uint base = lineStart(block, OPERAND, outer, column);
  uint step = lineStep(block, OPERAND);
  ELEMENT own = load(0, address, base + place * step);
  if (ORDER == INDEX) {
    uint unused;
    resolve(block, entry, int(own), size, (outer * length + place) * inner + column, unused);
  }
  int ownKey = key(own, size);

  uint first = place - place % RUN;
  uint last = min(first + RUN, length);
  uint rank = first;
  for (uint other = first; other < last; ++other) {
    int otherKey = key(load(0, address, base + other * step), size);
    if (otherKey < ownKey || otherKey == ownKey && other < place) ++rank;
  }
  uvec2 result = resultAddress(block, entry);
  uint at = (line * length + rank) * 2;
  store(result, at, ownKey);
  store(result, at + 1, int(place));
}
