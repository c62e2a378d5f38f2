#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"

// Neighbouring runs of sorted pairs become one. An element's new place is its own in its run and
// the number of those of the other run that go before it: of equal ones, the earlier run's.
//
// words: 0 pairs of an entry, 1 pairs of a line, 2 length of a run.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint entry = id / count;
  if (entry >= block.batch) return;
  uint ordinal = id - entry * count;
  uint length = block.words[1];
  uint run = block.words[2];
  uvec2 address = entryAddress(block.operands[0], MODE, entry);

  uint line = ordinal / length;
  uint place = ordinal - line * length;
  uint base = line * length;
  int key = load(0, address, (base + place) * 2);
  uint number = place / run;
  bool isLater = number % 2 == 1;
  // The other run; it may be short, or not there at all.
  uint first = min((isLater ? number - 1 : number + 1) * run, length);
  uint low = first, high = min(first + run, length);
  while (low < high) {
    uint middle = (low + high) / 2;
    int other = load(0, address, (base + middle) * 2);
    bool goesBefore = isLater ? other <= key : other < key;
    if (goesBefore) low = middle + 1;
    else high = middle;
  }
  uint target = (isLater ? place - run : place) + low - first;
  uvec2 result = resultAddress(block, entry);
  store(result, (base + target) * 2, key);
  store(result, (base + target) * 2 + 1, load(0, address, (base + place) * 2 + 1));
}
