#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Lines.glsl"
#include "Through.glsl"

// Each element of a line from those up to its place, by LANES invocations together: each takes
// its share of the line, side by side elements, and goes through it twice: once for what they
// come to, and again with what the lanes before it have come to. LANES depends on the length
// alone, so the order of accumulation does too; an element is the sum of n terms in n - 1
// roundings at most.
//
// words: 0 lines of an entry, 1 their length, 2 inner lines, 3… the operand's lines.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint LANES = 1;

shared RESULT_ELEMENT scratch[gl_WorkGroupSize.x];

#ifdef SCAN_cumulativeSum
RESULT_ELEMENT start() { return RESULT_ELEMENT(0); }
RESULT_ELEMENT combine(RESULT_ELEMENT a, RESULT_ELEMENT b) { return a + b; }
#endif
#ifdef SCAN_cumulativeProduct
RESULT_ELEMENT start() { return RESULT_ELEMENT(1); }
RESULT_ELEMENT combine(RESULT_ELEMENT a, RESULT_ELEMENT b) { return a * b; }
#endif
#ifdef SCAN_cumulativeMax
float lowest(float like) { return -infinity().x; }
int lowest(int like) { return -2147483647 - 1; }
bool exceeds(float a, float b) { return !isNaN(vec4(b)).x && (a > b || isNaN(vec4(a)).x); }
bool exceeds(int a, int b) { return a > b; }
RESULT_ELEMENT start() { return lowest(RESULT_ELEMENT(0)); }
RESULT_ELEMENT combine(RESULT_ELEMENT a, RESULT_ELEMENT b) { return exceeds(b, a) ? b : a; }
#endif

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint lane = gl_LocalInvocationID.x % LANES;
  uint lines = block.words[0];
  uint length = block.words[1];
  uint inner = block.words[2];
  uint line = id / LANES;
  uint entry = line / max(lines, 1u);
  bool isActive = entry < block.batch;
  line -= entry * lines;
  uint outer = line / max(inner, 1u);
  uint column = line - outer * inner;
  uint share = (length + LANES - 1) / LANES;
  uint first = min(lane * share, length);
  uint last = isActive ? min(first + share, length) : first;

  uvec2 address = uvec2(0), result = uvec2(0);
  uint base = 0, step = lineStep(block, 3);
  if (isActive) {
    address = entryAddress(block.operands[0], MODE, entry);
    result = resultAddress(block, entry);
    base = lineStart(block, 3, outer, column);
  }

  RESULT_ELEMENT partial = start();
  if (LANES > 1) {
    THROUGH(place, first, last, 1)
      partial = combine(partial, load(0, address, base + place * step));
    scratch[gl_LocalInvocationID.x] = partial;
    barrier();
    partial = start();
    for (uint before = 0; before < lane; ++before)
      partial = combine(partial, scratch[gl_LocalInvocationID.x - lane + before]);
  }
  THROUGH(place, first, last, 1) {
    partial = combine(partial, load(0, address, base + place * step));
    store(result, (outer * length + place) * inner + column, partial);
  }
}
