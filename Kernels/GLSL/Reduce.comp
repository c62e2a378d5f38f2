#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Reductions.glsl"
#include "Through.glsl"

// Each element of the result from all elements along the reduced axes, by LANES invocations
// together: lane l takes quads l, l + LANES, …; then the lanes meet pairwise. LANES depends on
// the length alone, so the order of accumulation does too.
//
// words: 0 results of an entry, 1 length of a reduction,
//        2 kept rank, 3… kept sizes, 11… kept strides,
//        19 reduced rank, 20… reduced sizes, 28… reduced strides, 36 origin.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint LANES = 1;
// How the elements of one reduction lie.
const uint DENSE = 0;    // side by side, and aligned for whole quads
const uint LINE = 1;     // one stride
const uint GENERAL = 2;  // several axes
layout(constant_id = 5) const uint ACCESS = 0;

shared PARTIAL scratch[gl_WorkGroupSize.x];

QUAD loadLine(Block block, uvec2 address, uint base, uint quad, uint length) {
  if (ACCESS == DENSE) return loadQuad(0, address, base / 4 + quad);
  QUAD value;
  [[unroll]] for (uint c = 0; c < 4; ++c) {
    uint r = quad * 4 + c;
    uint offset = ACCESS == LINE ? r * block.words[28] : stridedOffset(block, r, block.words[19], 20, 28);
    value[c] = load(0, address, base + offset);
  }
  return value;
}

void main() {
  Block block = Block(blockAddress);
  uint id = linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  uint lane = gl_LocalInvocationID.x % LANES;
  uint results = block.words[0];
  uint length = block.words[1];
  uint output_ = id / LANES;
  uint entry = output_ / max(results, 1u);
  uint index = output_ - entry * results;
  bool isActive = entry < block.batch;

  PARTIAL partial = start();
  uvec2 address = uvec2(0);
  if (isActive) {
    address = entryAddress(block.operands[0], MODE, entry);
    uint base = block.words[36] + stridedOffset(block, index, block.words[2], 3, 11);
    THROUGH(quad, lane, length / 4, LANES)
      partial = combine(partial, element(loadLine(block, address, base, quad, length), uvec4(0, 1, 2, 3) + quad * 4));
    // The elements that fill no quad are taken by the lane whose turn it is.
    uint rest = length % 4;
    if (rest > 0 && length / 4 % LANES == lane) {
      QUAD value = QUAD(0);
      uint first = length - rest;
      [[unroll]] for (uint c = 0; c < 4; ++c) {
        if (c < rest) {
          uint r = first + c;
          uint offset = r;
          if (ACCESS == LINE) offset = r * block.words[28];
          if (ACCESS == GENERAL) offset = stridedOffset(block, r, block.words[19], 20, 28);
          value[c] = load(0, address, base + offset);
        }
      }
      PARTIAL longer = combine(partial, element(value, uvec4(0, 1, 2, 3) + first));
      bvec4 present = lessThan(uvec4(0, 1, 2, 3), uvec4(rest));
      partial = choose(partial, longer, present);
    }
  }
  if (LANES > 1) {
    scratch[gl_LocalInvocationID.x] = partial;
    for (uint width = LANES / 2; width > 0; width /= 2) {
      barrier();
      if (lane < width) {
        partial = combine(partial, scratch[gl_LocalInvocationID.x + width]);
        scratch[gl_LocalInvocationID.x] = partial;
      }
    }
  }
  if (isActive && lane == 0) store(resultAddress(block, entry), index, finish(partial, length));
}
