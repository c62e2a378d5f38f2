#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Lines.glsl"
#include "Keys.glsl"

// Where values belong in a sorted line: before its equals, or behind them.
//
// words: 0 values of an entry, 1 length of the sorted line, 2… the sorted line, 38… the values,
//        which are all inner ones.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
layout(constant_id = 5) const bool BEHIND = false;

const uint SORTED = 2;
const uint VALUES = SORTED + LINE_WORDS;

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint entry = id / count;
  if (entry >= block.batch) return;
  uint ordinal = id - entry * count;
  uvec2 sorted = entryAddress(block.operands[0], MODE_0, entry);
  uvec2 values = entryAddress(block.operands[1], MODE_1, entry);
  ELEMENT value;
  fetch(1, ENCODING_1, values, lineStart(block, VALUES, 0, ordinal), value);
  int key = keyOf(value);
  uint base = lineStart(block, SORTED, 0, 0);
  uint low = 0, high = block.words[1];
  while (low < high) {
    uint middle = (low + high) / 2;
    int other = keyOf(load(0, sorted, base + middle * lineStep(block, SORTED)));
    bool goesBefore = BEHIND ? other <= key : other < key;
    if (goesBefore) low = middle + 1;
    else high = middle;
  }
  store(resultAddress(block, entry), ordinal, int(low));
}
