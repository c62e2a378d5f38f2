#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Moving.glsl"

// Any number of operands into one result, one behind the other along an axis. A row of the result
// is that axis and all behind it; each operand has a run of it. Operand 0 of the block is a table
// of all operands of each entry.
//
// words: 0 elements of an entry, 1 invocations of an entry, 2 operands, 3 length of a row,
//        4 length of every run if all are equal, else 0; from 5 on a record for each operand:
//        where its run begins, the run's length, the operand's extent, and if not DENSE its origin,
//        rank, eight sizes and eight strides.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
// Whether all operands are row-major, and aligned for whole quads.
layout(constant_id = 3) const bool DENSE = false;
layout(constant_id = 4) const bool ALIGNED = false;
layout(constant_id = 5) const uint QUADS_PER_INVOCATION = 8;

const uint RECORDS = 5;

uint recordOf(uint operand) { return RECORDS + operand * (DENSE ? 3 : 21); }

// The operand whose run has a place of the row: the last one that begins there or before.
uint operandAt(Block block, uint place) {
  if (block.words[4] != 0) return place / block.words[4];
  uint low = 0, high = block.words[2];
  while (high - low > 1) {
    uint middle = (low + high) / 2;
    if (block.words[recordOf(middle)] <= place) low = middle; else high = middle;
  }
  return low;
}

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint lanes = block.words[1];
  uint entry = id / lanes;
  if (entry >= block.batch) return;
  uint lane = id - entry * lanes;
  uint length = block.words[3];
  uint table = entry * block.words[2];
  uvec2 result = resultAddress(block, entry);

  for (uint i = 0; i < QUADS_PER_INVOCATION; ++i) {
    uint quad = lane + i * lanes;
    if (quad * 4 >= count) return;
    uint present = min(4, count - quad * 4);
    uint row = quad * 4 / length;
    uint place = quad * 4 - row * length;
    uint operand = operandAt(block, place);
    uvec4 bits = uvec4(0);
    uint c = 0;
    while (c < present) {
      uint record = recordOf(operand);
      uint start = block.words[record], run = block.words[record + 1], extent = block.words[record + 2];
      uvec2 address = Table(block.operands[0].address).entries[table + operand];
      uint first = row * run + place - start;
      uint end = min(present, c + start + run - place);
      if (DENSE && ALIGNED && end == 4 && c == 0 && first % 4 == 0) {
        if (permitted(0, first, 4, extent)) bits = quadBits(ENCODING_0, address, first / 4);
      } else {
        for (uint e = c; e < end; ++e) {
          uint index = first + e - c;
          if (!DENSE) index = block.words[record + 3] + stridedOffset(block, index, block.words[record + 4], record + 5, record + 13);
          if (permitted(0, index, 1, extent)) bits[e] = elementBits(ENCODING_0, address, index);
        }
      }
      place += end - c;
      c = end;
      if (c == present) break;
      if (place == length) {
        place = 0;
        ++row;
      }
      operand = operandAt(block, place);
    }
    storeBits(result, quad, bits, present);
  }
}
