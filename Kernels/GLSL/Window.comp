#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"

// Windows on planes: [n, c, h, w] to [n, rows, columns, c, kernel rows, kernel columns]
// (WINDOW), or back, each element the sum of those that were taken from it (FOLD). The operand is
// row-major.
//
// words: 0 elements of the result, 1 invocations of an entry, 2 c, 3 h, 4 w, 5 rows, 6 columns,
//        7 kernel rows, 8 kernel columns, 9, 10 stride, 11, 12 padding, 13, 14 dilation,
//        15 the bits of what lies outside.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint PER_INVOCATION = 8;

RESULT_ELEMENT fromWord(uint bits) {
  RESULT_QUAD value;
  decode(RESULT_ENCODING, uvec4(bits), value);
  return value.x;
}

RESULT_ELEMENT windowElement(Block block, uvec2 address, uint index) {
  uint rest = index / block.words[8], kernelColumn = index - rest * block.words[8];
  uint next = rest / block.words[7], kernelRow = rest - next * block.words[7];
  rest = next / block.words[2];
  uint channel = next - rest * block.words[2];
  next = rest / block.words[6];
  uint column = rest - next * block.words[6];
  rest = next / block.words[5];
  uint row = next - rest * block.words[5];
  // What lies before the plane wraps around, and so lies behind it.
  uint y = row * block.words[9] + kernelRow * block.words[13] - block.words[11];
  uint x = column * block.words[10] + kernelColumn * block.words[14] - block.words[12];
  if (y >= block.words[3] || x >= block.words[4]) return fromWord(block.words[15]);
  return load(0, address, ((rest * block.words[2] + channel) * block.words[3] + y) * block.words[4] + x);
}

// Along one axis, the windows that a place of the plane is in and its places in them: the pairs with
// window · stride + inside · dilation = place. Those are tried whose part with the larger factor can
// be right, which are no more than there are windows, nor than a kernel has places.
struct Cover {
  uint place, stride, dilation;
  uint first, count;
};

Cover coverOf(Block block, uint axis, uint place) {
  Cover cover;
  place += block.words[11 + axis];
  cover.place = place;
  cover.stride = block.words[9 + axis];
  cover.dilation = block.words[13 + axis];
  uint windows = block.words[5 + axis], kernel = block.words[7 + axis];
  bool byWindow = cover.stride > cover.dilation;
  uint factor = byWindow ? cover.stride : cover.dilation;
  uint others = byWindow ? (kernel - 1) * cover.dilation : (windows - 1) * cover.stride;
  uint least = place > others ? (place - others + factor - 1) / factor : 0;
  uint end = min(place / factor + 1, byWindow ? windows : kernel);
  cover.count = end > least ? end - least : 0;
  cover.first = byWindow ? end - 1 : least;
  return cover;
}

// The pair of a turn, in the order of the places in the kernel. False if there is none.
bool pairOf(Cover cover, uint turn, out uint window, out uint inside) {
  bool byWindow = cover.stride > cover.dilation;
  uint tried = byWindow ? cover.first - turn : cover.first + turn;
  uint factor = byWindow ? cover.dilation : cover.stride;
  uint rest = cover.place - tried * (byWindow ? cover.stride : cover.dilation);
  uint other = rest / factor;
  window = byWindow ? tried : other;
  inside = byWindow ? other : tried;
  return other * factor == rest;
}

RESULT_ELEMENT foldElement(Block block, uvec2 address, uint index) {
  uint rest = index / block.words[4], x = index - rest * block.words[4];
  uint next = rest / block.words[3], y = rest - next * block.words[3];
  uint image = next / block.words[2], channel = next - image * block.words[2];
  Cover rows = coverOf(block, 0, y), columns = coverOf(block, 1, x);
  RESULT_ELEMENT sum = RESULT_ELEMENT(0);
  for (uint i = 0; i < rows.count; ++i) {
    uint row, kernelRow;
    if (!pairOf(rows, i, row, kernelRow)) continue;
    for (uint j = 0; j < columns.count; ++j) {
      uint column, kernelColumn;
      if (!pairOf(columns, j, column, kernelColumn)) continue;
      uint at = ((image * block.words[5] + row) * block.words[6] + column) * block.words[2] + channel;
      sum += load(0, address, (at * block.words[7] + kernelRow) * block.words[8] + kernelColumn);
    }
  }
  return sum;
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
  for (uint i = 0; i < PER_INVOCATION; ++i) {
    uint index = lane + i * lanes;
    if (index >= count) return;
#ifdef FOLD
    store(result, index, foldElement(block, address, index));
#else
    store(result, index, windowElement(block, address, index));
#endif
  }
}
