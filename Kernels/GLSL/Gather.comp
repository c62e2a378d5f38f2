#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Lines.glsl"
#include "Indices.glsl"

// Elements that indices choose along an axis; with ALONG every line has indices of its own.
// With ONE_HOT there are only indices, and each becomes a line of zeros with a one.
//
// words: 0 results of an entry, 1 invocations of an entry, 2 indices of a line, 3 inner lines,
//        4 size of the axis, 5… the indices' lines, 41… the operand's.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
layout(constant_id = 5) const uint PER_INVOCATION = 4;

const uint INDICES = 5;
const uint OPERAND = INDICES + LINE_WORDS;

#ifdef ONE_HOT
#define INDEX_OPERAND 0
#define INDEX_ENCODING ENCODING_0
#define INDEX_MODE MODE_0
#else
#define INDEX_OPERAND 1
#define INDEX_ENCODING ENCODING_1
#define INDEX_MODE MODE_1
#endif

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint count = block.words[0];
  uint lanes = block.words[1];
  uint entry = id / lanes;
  if (entry >= block.batch) return;
  uint lane = id - entry * lanes;
  uint indices = block.words[2];
  uint inner = block.words[3];
  uint size = block.words[4];
  uvec2 indexAddress = entryAddress(block.operands[INDEX_OPERAND], INDEX_MODE, entry);
#ifndef ONE_HOT
  uvec2 address = entryAddress(block.operands[0], MODE_0, entry);
#endif
  uvec2 result = resultAddress(block, entry);

  for (uint i = 0; i < PER_INVOCATION; ++i) {
    uint ordinal = lane + i * lanes;
    if (ordinal >= count) return;
    int index;
    uint place;
#ifdef ONE_HOT
    uint position = ordinal / size;
    fetch(INDEX_OPERAND, INDEX_ENCODING, indexAddress, lineStart(block, INDICES, 0, position), index);
    bool isGood = resolve(block, entry, index, size, position, place);
    store(result, ordinal, RESULT_ELEMENT(isGood && place == ordinal - position * size ? 1 : 0));
#else
    uint line = ordinal / inner;
    uint column = ordinal - line * inner;
    uint outer = line / indices;
    uint position = line - outer * indices;
#ifdef ALONG
    uint at = lineStart(block, INDICES, outer, column) + position * lineStep(block, INDICES);
    position = ordinal;
#else
    uint at = lineStart(block, INDICES, 0, position);
#endif
    fetch(INDEX_OPERAND, INDEX_ENCODING, indexAddress, at, index);
    RESULT_ELEMENT value = RESULT_ELEMENT(0);
    if (resolve(block, entry, index, size, position, place))
      value = load(0, address, lineStart(block, OPERAND, outer, column) + place * lineStep(block, OPERAND));
    store(result, ordinal, value);
#endif
  }
}
