#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"

// Zeros, and the operand where a view of the result lies. Each element of the result works out
// whether the view touches it: since no step is reached by the smaller ones together, dividing by
// the steps, the largest first, gives its place in the view.
//
// words: 0 elements of an entry, 1 invocations of an entry, 2 axes of the view, 3… their sizes,
//        11… their steps, 19… the operand's strides, 27 the view's lowest element, 28 origin of the
//        operand, as seen from that element.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint QUADS_PER_INVOCATION = 8;

ELEMENT elementAt(Block block, uvec2 address, uint index) {
  uint rest = index - block.words[27];
  bool isInside = index >= block.words[27];
  uint offset = block.words[28];
  uint axes = block.words[2];
  for (uint axis = 0; axis < axes; ++axis) {
    uint place = rest / block.words[11 + axis];
    rest -= place * block.words[11 + axis];
    isInside = isInside && place < block.words[3 + axis];
    offset += place * block.words[19 + axis];
  }
  ELEMENT value = ELEMENT(0);
  if (isInside && rest == 0) value = load(0, address, offset);
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
  uvec2 address = entryAddress(block.operands[0], MODE, entry);
  uvec2 result = resultAddress(block, entry);
  for (uint i = 0; i < QUADS_PER_INVOCATION; ++i) {
    uint quad = lane + i * lanes;
    if (quad * 4 >= count) return;
    RESULT_QUAD value = RESULT_QUAD(0);
    [[unroll]] for (uint c = 0; c < 4; ++c)
      if (quad * 4 + c < count) value[c] = elementAt(block, address, quad * 4 + c);
    storeQuad(result, quad, value, min(4, count - quad * 4));
  }
}
