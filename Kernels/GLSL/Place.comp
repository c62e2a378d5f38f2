#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Moving.glsl"

// The first operand, with the second in a part of it: every element is looked up in the one or the
// other, and written once.
//
// words: 0 elements of an entry, 1 invocations of an entry, 2 rank, 3… sizes,
//        11 origin of the whole, 12… its strides, 20… where the part begins, 28… its steps,
//        36… its sizes, 44 its origin, 45… its strides.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
// Whether the whole lies as the result does, and whether the part takes every element.
layout(constant_id = 5) const bool DENSE = false;
layout(constant_id = 6) const bool UNBROKEN = false;
layout(constant_id = 7) const uint QUADS_PER_INVOCATION = 8;

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint lanes = block.words[1];
  uint entry = id / lanes;
  if (entry >= block.batch) return;
  uint lane = id - entry * lanes;
  uvec2 whole = entryAddress(block.operands[0], MODE_0, entry);
  uvec2 part = entryAddress(block.operands[1], MODE_1, entry);
  uvec2 result = resultAddress(block, entry);

  for (uint i = 0; i < QUADS_PER_INVOCATION; ++i) {
    uint quad = lane + i * lanes;
    if (quad * 4 >= count) return;
    uint present = min(4, count - quad * 4);
    uvec4 bits = uvec4(0);
    for (uint c = 0; c < present; ++c) {
      uint index = quad * 4 + c;
      uint left = DENSE ? index : block.words[11];
      uint right = block.words[44];
      bool isInside = true;
      uint rest = index;
      for (uint axis = block.words[2]; axis > 0; --axis) {
        uint size = block.words[2 + axis];
        uint next = rest / size;
        uint coordinate = rest - next * size;
        rest = next;
        if (!DENSE) left += coordinate * block.words[11 + axis];
        // Wraps around before the part begins, and is then beyond its end.
        uint step = block.words[27 + axis];
        uint steps = coordinate - block.words[19 + axis];
        uint taken = UNBROKEN ? steps : steps / step;
        isInside = isInside && coordinate >= block.words[19 + axis] && taken < block.words[35 + axis]
          && (UNBROKEN || taken * step == steps);
        right += taken * block.words[44 + axis];
      }
      uint operand = isInside ? 1 : 0;
      uint place = isInside ? right : left;
      if (permitted(operand, place, 1)) bits[c] = elementBits(ENCODING_0, isInside ? part : whole, place);
    }
    storeBits(result, quad, bits, present);
  }
}
