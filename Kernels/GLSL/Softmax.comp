#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Functions.glsl"
#include "Through.glsl"

// exp(x - max) / Σ exp(x - max) of each row, by LANES invocations together. As in Reduce.comp
// the order of accumulation depends on the length of the row alone.
//
// words: 0 rows of an entry, 1 length of a row.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint LANES = 1;
layout(constant_id = 5) const bool QUADS = false;  // rows are whole quads, and aligned

shared vec4 scratch[gl_WorkGroupSize.x];

// Elements beyond the row read as `missing`.
vec4 loadRow(uvec2 address, uint base, uint quad, uint length, float missing) {
  if (QUADS) return loadQuad(0, address, base / 4 + quad);
  vec4 value = vec4(missing);
  [[unroll]] for (uint c = 0; c < 4; ++c)
    if (quad * 4 + c < length) value[c] = load(0, address, base + quad * 4 + c);
  return value;
}

vec4 larger(vec4 a, vec4 b) {
  vec4 value = mix(b, a, greaterThan(a, b));
  return mix(value, a, isNaN(a));
}

// What all lanes of the row have, pairwise; every lane gets it.
vec4 together(vec4 value, uint lane, bool largest) {
  if (LANES == 1) return value;
  barrier();
  scratch[gl_LocalInvocationID.x] = value;
  for (uint width = LANES / 2; width > 0; width /= 2) {
    barrier();
    if (lane < width) {
      vec4 other = scratch[gl_LocalInvocationID.x + width];
      value = largest ? larger(value, other) : value + other;
      scratch[gl_LocalInvocationID.x] = value;
    }
  }
  barrier();
  return scratch[gl_LocalInvocationID.x - lane];
}

void main() {
  Block block = Block(blockAddress);
  uint lane = gl_LocalInvocationID.x % LANES;
  uint rows = block.words[0];
  uint length = block.words[1];
  uint line = (linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x) / LANES;
  uint entry = line / max(rows, 1u);
  uint base = (line - entry * rows) * length;
  bool isActive = entry < block.batch;
  uint quads = isActive ? (length + 3) / 4 : 0;
  uvec2 address = uvec2(0), result = uvec2(0);
  if (isActive) {
    address = entryAddress(block.operands[0], MODE, entry);
    result = resultAddress(block, entry);
  }

  vec4 most = -infinity();
  THROUGH(quad, lane, quads, LANES)
    most = larger(most, loadRow(address, base, quad, length, uintBitsToFloat(0xff800000u)));
  most = together(most, lane, true);
  vec2 pair = larger(most, most.zwzw).xy;
  float top = larger(vec4(pair.x), vec4(pair.y)).x;

  // A lane's exponentials wait in the result for their sum.
  vec4 sum = vec4(0);
  THROUGH(quad, lane, quads, LANES) {
    vec4 value = op_exp(loadRow(address, base, quad, length, uintBitsToFloat(0xff800000u)) - top);
    if (QUADS) {
      storeQuad(result, base / 4 + quad, value);
    } else {
      [[unroll]] for (uint c = 0; c < 4; ++c) {
        if (quad * 4 + c < length) store(result, base + quad * 4 + c, value[c]);
        else value[c] = 0;
      }
    }
    sum += value;
  }
  sum = together(sum, lane, false);
  float total = (sum.x + sum.y) + (sum.z + sum.w);

  THROUGH(quad, lane, quads, LANES) {
    if (QUADS) {
      storeQuad(result, base / 4 + quad, loadResultQuad(result, base / 4 + quad) / total);
    } else {
      [[unroll]] for (uint c = 0; c < 4; ++c)
        if (quad * 4 + c < length)
          store(result, base + quad * 4 + c, loadResult(result, base + quad * 4 + c) / total);
    }
  }
}
