#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"
#include "Functions.glsl"
#include "Through.glsl"

// Along the rows of a row-major operand, each by LANES invocations together; the order of
// accumulation is Reduce.comp's. ROWWISE_logSoftmax, ROWWISE_normalize say what.
//
// words: 0 rows of an entry, 1 length of a row, 2 the bits of ε, 3 whether the mean is subtracted.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE = 0;
layout(constant_id = 4) const uint LANES = 1;
layout(constant_id = 5) const bool QUADS = false;  // rows of whole quads, aligned

shared vec4 scratch[gl_WorkGroupSize.x];

struct Row {
  uvec2 address, result;
  uint base, size, quads, lane;
};

// Four elements of a row; `missing` for those behind its end.
vec4 elements(Row row, uint quad, vec4 missing) {
  if (QUADS) return loadQuad(0, row.address, row.base / 4 + quad);
  vec4 value = missing;
  [[unroll]] for (uint c = 0; c < 4; ++c)
    if (quad * 4 + c < row.size) value[c] = load(0, row.address, row.base + quad * 4 + c);
  return value;
}

void put(Row row, uint quad, vec4 value) {
  if (QUADS) {
    storeQuad(row.result, row.base / 4 + quad, value);
  } else {
    [[unroll]] for (uint c = 0; c < 4; ++c)
      if (quad * 4 + c < row.size) store(row.result, row.base + quad * 4 + c, value[c]);
  }
}

// What all lanes of the row have, pairwise, then the four parts; every lane gets it.
float total(Row row, vec4 value) {
  if (LANES > 1) {
    barrier();
    scratch[gl_LocalInvocationID.x] = value;
    for (uint width = LANES / 2; width > 0; width /= 2) {
      barrier();
      if (row.lane < width) {
        value += scratch[gl_LocalInvocationID.x + width];
        scratch[gl_LocalInvocationID.x] = value;
      }
    }
    barrier();
    value = scratch[gl_LocalInvocationID.x - row.lane];
  }
  return (value.x + value.y) + (value.z + value.w);
}

float largest(Row row, vec4 value) {
  if (LANES > 1) {
    barrier();
    scratch[gl_LocalInvocationID.x] = value;
    for (uint width = LANES / 2; width > 0; width /= 2) {
      barrier();
      if (row.lane < width) {
        value = op_maximum(value, scratch[gl_LocalInvocationID.x + width]);
        scratch[gl_LocalInvocationID.x] = value;
      }
    }
    barrier();
    value = scratch[gl_LocalInvocationID.x - row.lane];
  }
  value = op_maximum(value, value.zwxy);
  return op_maximum(value, value.yxwz).x;
}

void compute(Block block, Row row) {
#ifdef ROWWISE_logSoftmax
  vec4 most = -infinity();
  THROUGH(quad, row.lane, row.quads, LANES) most = op_maximum(most, elements(row, quad, -infinity()));
  float top = largest(row, most);
  vec4 sum = vec4(0);
  THROUGH(quad, row.lane, row.quads, LANES) {
    vec4 value = op_exp(elements(row, quad, -infinity()) - top);
    if (quad * 4 + 4 > row.size) value = mix(vec4(0), value, lessThan(quad * 4 + uvec4(0, 1, 2, 3), uvec4(row.size)));
    sum += value;
  }
  float logarithm = op_log(vec4(total(row, sum))).x;
  THROUGH(quad, row.lane, row.quads, LANES) put(row, quad, elements(row, quad, vec4(0)) - top - logarithm);
#else
  float mean = 0;
  vec4 sum = vec4(0);
  if (block.words[3] != 0) {
    THROUGH(quad, row.lane, row.quads, LANES) sum += elements(row, quad, vec4(0));
    mean = total(row, sum) / float(row.size);
  }
  sum = vec4(0);
  THROUGH(quad, row.lane, row.quads, LANES) {
    vec4 difference = elements(row, quad, vec4(mean)) - mean;
    sum += difference * difference;
  }
  float variance = total(row, sum) / float(row.size);
  float divisor = op_sqrt(vec4(variance + uintBitsToFloat(block.words[2]))).x;
  THROUGH(quad, row.lane, row.quads, LANES)
    put(row, quad, op_divide(elements(row, quad, vec4(0)) - mean, vec4(divisor)));
#endif
}

void main() {
  Block block = Block(blockAddress);
  uint rows = block.words[0];
  uint line = (linearWorkgroup() * gl_WorkGroupSize.x + gl_LocalInvocationID.x) / LANES;
  uint entry = line / max(rows, 1u);
  Row row;
  row.lane = gl_LocalInvocationID.x % LANES;
  row.size = block.words[1];
  row.base = (line - entry * rows) * row.size;
  // Others may meet at the barriers.
  row.quads = 0;
  row.address = uvec2(0);
  row.result = uvec2(0);
  if (entry < block.batch) {
    row.quads = (row.size + 3) / 4;
    row.address = entryAddress(block.operands[0], MODE, entry);
    row.result = resultAddress(block, entry);
  }
  compute(block, row);
}
