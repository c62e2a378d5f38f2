#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Functions.glsl"

// Each element of the result from the elements at the same place of one or two operands.
// FUNCTION is the function of Functions.glsl, ARITY the number of operands.
//
// words: 0 elements of an entry, 1 invocations of an entry, 2 rank,
//        3… sizes, 11… strides of operand 0, 19… strides of operand 1.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
// How an operand's elements lie.
const uint DENSE = 0;    // as the result's, and aligned for whole quads
const uint SINGLE = 1;   // one element for all
const uint GENERAL = 2;  // by the strides in the block
layout(constant_id = 5) const uint ACCESS_0 = 0;
layout(constant_id = 6) const uint ACCESS_1 = 0;
layout(constant_id = 7) const uint QUADS_PER_INVOCATION = 8;

QUAD loadOperand(Block block, uint operand, uint access, uvec2 address, uint quad, uint count) {
  if (access == SINGLE) return QUAD(load(operand, address, 0));
  if (access == DENSE && quad * 4 + 4 <= count) return loadQuad(operand, address, quad);
  QUAD value = QUAD(0);
  [[unroll]] for (uint c = 0; c < 4; ++c) {
    uint index = quad * 4 + c;
    if (index < count) {
      if (access == GENERAL) index = stridedOffset(block, index, block.words[2], 3, 11 + 8 * operand);
      value[c] = load(operand, address, index);
    }
  }
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

  uvec2 a = entryAddress(block.operands[0], MODE_0, entry);
#if ARITY == 2
  uvec2 b = entryAddress(block.operands[1], MODE_1, entry);
#endif
  uvec2 result = resultAddress(block, entry);

  for (uint i = 0; i < QUADS_PER_INVOCATION; ++i) {
    uint quad = lane + i * lanes;
    if (quad * 4 >= count) return;
    QUAD x = loadOperand(block, 0, ACCESS_0, a, quad, count);
#if ARITY == 2
    RESULT_QUAD value = FUNCTION(x, loadOperand(block, 1, ACCESS_1, b, quad, count));
#else
    RESULT_QUAD value = FUNCTION(x);
#endif
    if (quad * 4 + 4 <= count) {
      storeQuad(result, quad, value);
    } else {
      [[unroll]] for (uint c = 0; c < 4; ++c)
        if (quad * 4 + c < count) store(result, quad * 4 + c, value[c]);
    }
  }
}
