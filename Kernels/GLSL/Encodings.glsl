// How elements of each type lie in memory, and what kernels make of them: float or int, both of
// 32 bits. Rounding to float16 and bfloat16 is to nearest, ties to even, on every device: GLSL's
// packHalf2x16 leaves it open.

#define FLOAT32 0u
#define INT32 1u
#define FLOAT16 2u
#define BFLOAT16 3u
#define UINT8 4u
#define BOOL 5u

uint bytesOf(uint encoding) { return encoding < 2u ? 4u : encoding < 4u ? 2u : 1u; }

vec4 fromFloat16(uvec4 bits) {
  uvec4 magnitude = bits & 0x7fffu;
  uvec4 normal = (magnitude << 13) + 0x38000000u;
  normal += mix(uvec4(0), uvec4(0x38000000u), greaterThanEqual(magnitude, uvec4(0x7c00u)));
  // A subnormal is its bits as a number, times 2 to the -24, which float32 holds.
  uvec4 small = floatBitsToUint(vec4(magnitude) * 5.9604644775390625e-8);
  uvec4 value = mix(normal, small, lessThan(magnitude, uvec4(0x400u)));
  return uintBitsToFloat(value | (bits & 0x8000u) << 16);
}

uvec4 toFloat16(vec4 x) {
  uvec4 bits = floatBitsToUint(x);
  uvec4 magnitude = bits & 0x7fffffffu;
  // From 2 to the -14 on: the exponent moved, 13 bits rounded off; that may carry up to infinity.
  uvec4 moved = magnitude - 0x38000000u;
  uvec4 normal = moved + 0xfffu + (moved >> 13 & 1u) >> 13;
  uvec4 small = uvec4(roundEven(uintBitsToFloat(min(magnitude, uvec4(0x38800000u))) * 16777216.0));
  uvec4 value = mix(normal, small, lessThan(magnitude, uvec4(0x38800000u)));
  value = mix(value, uvec4(0x7c00u), greaterThanEqual(magnitude, uvec4(0x47800000u)));
  value = mix(value, uvec4(0x7e00u), greaterThan(magnitude, uvec4(0x7f800000u)));
  return value | (bits >> 16 & 0x8000u);
}

uvec4 toBFloat16(vec4 x) {
  uvec4 bits = floatBitsToUint(x);
  uvec4 value = bits + 0x7fffu + (bits >> 16 & 1u) >> 16;
  bvec4 isNaN_ = greaterThan(bits & 0x7fffffffu, uvec4(0x7f800000u));
  return mix(value, (bits >> 16 & 0x8000u) | 0x7fc0u, isNaN_);
}

// The elements in memory as what a kernel computes with; integers become floats where it asks.
void decode(uint encoding, uvec4 bits, out ivec4 value) { value = ivec4(bits); }
void decode(uint encoding, uvec4 bits, out vec4 value) {
  value = encoding == FLOAT32 ? uintBitsToFloat(bits)
    : encoding == FLOAT16 ? fromFloat16(bits)
    : encoding == BFLOAT16 ? uintBitsToFloat(bits << 16)
    : vec4(ivec4(bits));
}

// The lower bits of each are what goes to memory.
uvec4 encode(uint encoding, vec4 value) {
  return encoding == FLOAT16 ? toFloat16(value)
    : encoding == BFLOAT16 ? toBFloat16(value)
    : floatBitsToUint(value);
}
uvec4 encode(uint encoding, ivec4 value) {
  return encoding == BOOL ? uvec4(notEqual(value, ivec4(0)))
    : encoding == UINT8 ? uvec4(value) & 0xffu
    : uvec4(value);
}
