#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Functions.glsl"
#ifdef ERROR_FUNCTIONS
#include "ErrorFunctions.glsl"
#endif
#ifdef EXPONENTIALS
#include "Exponentials.glsl"
#endif
#ifdef LOGARITHMS
#include "Logarithms.glsl"
#endif
#ifdef POWERS
#include "Powers.glsl"
#endif
#ifdef REMAINDERS
#include "Remainders.glsl"
#endif
#ifdef TRIGONOMETRY
#include "Trigonometry.glsl"
#endif

// Several functions in one: a function of float32 elements.
#ifdef EXPRESSION
EXPRESSION
#endif

// Each element of the result from the elements at the same place of up to three operands.
// FUNCTION is a function of these files, ARITY the number of operands.
//
// words: 0 elements of an entry, 1 invocations of an entry, 2 rank, 3… sizes, then for each
//        operand its origin and eight strides: 11…, 20…, 29….

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
layout(constant_id = 5) const uint MODE_2 = 0;
// How an operand's elements lie.
const uint DENSE = 0;    // as the result's, and aligned for whole quads
const uint SINGLE = 1;   // one element for all
const uint GENERAL = 2;  // by the strides in the block
// Where there are two axes, and rows of whole quads:
const uint ROWS = 3;     // row by row, each like the result's and aligned for whole quads
const uint SPREAD = 4;   // one element for each row
layout(constant_id = 6) const uint ACCESS_0 = 0;
layout(constant_id = 7) const uint ACCESS_1 = 0;
layout(constant_id = 8) const uint ACCESS_2 = 0;
layout(constant_id = 9) const uint QUADS_PER_INVOCATION = 8;
// Whether an invocation takes neighbouring quads: what the caches of a processor like. A graphics
// card likes neighbouring invocations to take them.
layout(constant_id = 10) const bool IN_A_ROW = false;

const uint ORIGINS = 11;

uint place(Block block, uint operand, uint access, uint index) {
  if (access == DENSE) return index;
  uint words = ORIGINS + 9 * operand;
  return block.words[words] + stridedOffset(block, index, block.words[2], 3, words + 1);
}

// How many elements of a quad are touched. Behind the last element of a dense operand lies nothing of
// others': memory begins and ends at multiples of 16 bytes. So all four are, but in checked mode, whose
// tests are exact: software drivers run both sides of a branch, and one that is hardly ever needed
// doubles the cost.
uint touched(uint quad, uint count) {
#ifdef CHECKED
  return min(count - quad * 4, 4u);
#else
  return 4;
#endif
}

// A quad's row, and its place in the row.
struct Place { uint row; uint column; };
const bool HAS_ROWS = ACCESS_0 >= ROWS || ACCESS_1 >= ROWS || ACCESS_2 >= ROWS;

uint rowStride(Block block, uint operand) { return block.words[ORIGINS + 9 * operand + 1]; }

// A quad of an operand; TYPE and PART are vec4 and float, or ivec4 and int.
#define QUAD_OF(TYPE, PART) \
void quadOf(Block block, uint operand, uint encoding, uint access, uvec2 address, uint quad, Place at, uint count, out TYPE value) { \
  if (access == ROWS) { \
    fetchQuad(operand, encoding, address, at.row * (rowStride(block, operand) / 4) + at.column, 4, value); \
  } else if (access == SPREAD) { \
    PART one; \
    fetch(operand, encoding, address, at.row * rowStride(block, operand), one); \
    value = TYPE(one); \
  } else if (access == SINGLE) { \
    PART one; \
    fetch(operand, encoding, address, 0, one); \
    value = TYPE(one); \
  } else if (access == DENSE) { \
    fetchQuad(operand, encoding, address, quad, touched(quad, count), value); \
  } else { \
    value = TYPE(0); \
    [[unroll]] for (uint c = 0; c < 4; ++c) { \
      uint index = quad * 4 + c; \
      PART one = PART(0); \
      if (index < count) fetch(operand, encoding, address, place(block, operand, access, index), one); \
      value[c] = one; \
    } \
  } \
}
QUAD_OF(vec4, float)
QUAD_OF(ivec4, int)

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint lanes = block.words[1];
  uint entry = id / lanes;
  if (entry >= block.batch) return;
  uint lane = id - entry * lanes;

  uvec2 a = entryAddress(block.operands[0], MODE_0, entry);
#if ARITY > 1
  uvec2 b = entryAddress(block.operands[1], MODE_1, entry);
#endif
#if ARITY > 2
  uvec2 c = entryAddress(block.operands[2], MODE_2, entry);
#endif
  uvec2 result = resultAddress(block, entry);

  uint rowQuads = HAS_ROWS ? block.words[4] / 4 : 1;
  Place at = Place(0, 0);
  for (uint i = 0; i < QUADS_PER_INVOCATION; ++i) {
    uint quad = IN_A_ROW ? lane * QUADS_PER_INVOCATION + i : lane + i * lanes;
    if (quad * 4 >= count) return;
    if (HAS_ROWS) {
      // A division for each quad would take longer than all else.
      if (i == 0 || !IN_A_ROW) {
        at.row = quad / rowQuads;
        at.column = quad - at.row * rowQuads;
      } else if (++at.column == rowQuads) {
        at = Place(at.row + 1, 0);
      }
    }
    QUAD_0 x;
    quadOf(block, 0, ENCODING_0, ACCESS_0, a, quad, at, count, x);
#if ARITY > 1
    QUAD_1 y;
    quadOf(block, 1, ENCODING_1, ACCESS_1, b, quad, at, count, y);
#endif
#if ARITY > 2
    QUAD_2 z;
    quadOf(block, 2, ENCODING_2, ACCESS_2, c, quad, at, count, z);
#endif
#if ARITY == 1
    RESULT_QUAD value = FUNCTION(x);
#elif ARITY == 2
    RESULT_QUAD value = FUNCTION(x, y);
#else
    RESULT_QUAD value = FUNCTION(x, y, z);
#endif
    storeQuad(result, quad, value, touched(quad, count));
  }
}
