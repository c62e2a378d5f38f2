#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Access.glsl"

// Random numbers from a counter: quad q of the result is made of one block of Philox4x32-10
// (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011), so every
// order of invocations gives the same. FUNCTION is one of those below. Integer arithmetic, and
// float32 additions and multiplications that are rounded one by one: the same bits everywhere.
//
// Operands: the key's four words; what the distribution needs; the table of the normal one.
// words: 0 elements of an entry, 1 invocations of an entry.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const uint MODE_0 = 0;
layout(constant_id = 4) const uint MODE_1 = 0;
layout(constant_id = 5) const uint MODE_2 = 0;
layout(constant_id = 6) const uint QUADS_PER_INVOCATION = 8;

struct Source {
  uvec4 key;
  uvec2 parameters;
  uvec2 table;
};

uvec4 philox(uvec4 counter, uvec2 key) {
  for (uint round = 0; round < 10; ++round) {
    uint high0, low0, high1, low1;
    umulExtended(counter.x, 0xD2511F53u, high0, low0);
    umulExtended(counter.z, 0xCD9E8D57u, high1, low1);
    counter = uvec4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
    key += uvec2(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// The second word of the counter says what a block is for, as in RandomKey.
uvec4 blockOf(Source source, uint quad, uint purpose) {
  return philox(uvec4(quad, purpose, source.key.zw), source.key.xy);
}

float parameter(Source source, uint index) {
  float value;
  fetch(1, FLOAT32, source.parameters, index, value);
  return value;
}

int wholeParameter(Source source, uint index) {
  int value;
  fetch(1, INT32, source.parameters, index, value);
  return value;
}

// 24 bits, times 2 to the -24.
vec4 unit(uvec4 bits) { return vec4(bits >> 8) * 5.9604644775390625e-8; }

ivec4 op_randomBits(Source source, uint quad) { return ivec4(blockOf(source, quad, 0)); }

// Parameters: lower bound, width, the largest number below the upper bound.
vec4 op_randomUniform(Source source, uint quad) {
  precise vec4 value = unit(blockOf(source, quad, 0)) * parameter(source, 1);
  value = value + parameter(source, 0);
  return min(value, vec4(parameter(source, 2)));
}

// Parameter: the probability.
ivec4 op_randomBernoulli(Source source, uint quad) {
  return ivec4(lessThan(unit(blockOf(source, quad, 0)), vec4(parameter(source, 0))));
}

// Parameters: the least, and how many there are; 0 means 2 to the 32. The upper 32 bits of 64
// random ones times that number: likelier by 2 to the -32 at most.
ivec4 op_randomIntegers(Source source, uint quad) {
  uvec4 high = blockOf(source, quad, 0);
  uvec4 low = blockOf(source, quad, 1);
  uint least = uint(wholeParameter(source, 0));
  uint width = uint(wholeParameter(source, 1));
  uvec4 upper, lower, carried, unused;
  umulExtended(high, uvec4(width), upper, lower);
  umulExtended(low, uvec4(width), carried, unused);
  uvec4 carry;
  uaddCarry(lower, carried, carry);
  return ivec4((width == 0 ? high : upper + carry) + least);
}

// NormalTable: 31 bits choose the tail's probability, an odd multiple of 2 to the -33; its
// leading zeros and the next two bits a polynomial, 24 more the argument.
float quantile(Source source, uint bits) {
  uint odd = bits << 1 | 1u;
  uint octave = 31u - uint(findMSB(odd));
  uint fraction = odd << octave << 1;
  uint first = (octave * 4 + (fraction >> 30)) * 6;
  precise float x = float(int(fraction << 2 >> 8) - 8388608) * 1.1920928955078125e-7;
  precise float y;
  fetch(2, FLOAT32, source.table, first + 5, y);
  [[unroll]] for (uint k = 5; k > 0; --k) {
    float coefficient;
    fetch(2, FLOAT32, source.table, first + k - 1, coefficient);
    y = y * x;
    y = y + coefficient;
  }
  return uintBitsToFloat(floatBitsToUint(y) ^ bits & 0x80000000u);
}

// Parameters: mean and standard deviation.
vec4 op_randomNormal(Source source, uint quad) {
  uvec4 bits = blockOf(source, quad, 0);
  precise vec4 value;
  [[unroll]] for (uint c = 0; c < 4; ++c) value[c] = quantile(source, bits[c]);
  value = value * parameter(source, 1);
  value = value + parameter(source, 0);
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

  Source source;
  source.parameters = entryAddress(block.operands[1], MODE_1, entry);
  source.table = entryAddress(block.operands[2], MODE_2, entry);
  uvec2 key = entryAddress(block.operands[0], MODE_0, entry);
  [[unroll]] for (uint c = 0; c < 4; ++c) {
    int word;
    fetch(0, INT32, key, c, word);
    source.key[c] = uint(word);
  }
  uvec2 result = resultAddress(block, entry);
  for (uint i = 0; i < QUADS_PER_INVOCATION; ++i) {
    uint quad = lane + i * lanes;
    if (quad * 4 >= count) return;
    storeQuad(result, quad, FUNCTION(source, quad), min(4, count - quad * 4));
  }
}
