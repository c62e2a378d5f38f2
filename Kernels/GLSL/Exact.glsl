#ifndef EXACT_GLSL
#define EXACT_GLSL
// Arithmetic in pairs of floats, of which the second is what the first was rounded off by.
//
// Vulkan rounds sums and products of float32 correctly and leaves most other functions loose, so
// the functions built on this file use sums and products, and take a quotient or a root from the
// device as a first guess alone, to be corrected by its exact remainder. `precise` keeps the
// device from contracting a product and a sum, and from reordering.
//
// The functions are of one element: four of them in a vector would take drivers four times as
// long to compile. EACH makes the one of a vector.

#define EACH(NAME) \
vec4 op_##NAME(vec4 x) { \
  vec4 y = vec4(0); \
  for (int c = 0; c < 4; ++c) y[c] = NAME##_(x[c]); \
  return y; \
}
#define EACH_PAIR(NAME) \
vec4 op_##NAME(vec4 a, vec4 b) { \
  vec4 y = vec4(0); \
  for (int c = 0; c < 4; ++c) y[c] = NAME##_(a[c], b[c]); \
  return y; \
}

#define INFINITY_ uintBitsToFloat(0x7f800000u)
#define NAN_ uintBitsToFloat(0x7fc00000u)

bool isNaN_(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
bool isInfinite_(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u; }
bool isNegative(float x) { return floatBitsToUint(x) >> 31 != 0u; }
float magnitude(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7fffffffu); }
// The magnitude of one, the sign of the other.
float withSign(float x, float sign) {
  return uintBitsToFloat((floatBitsToUint(x) & 0x7fffffffu) | (floatBitsToUint(sign) & 0x80000000u));
}

// a + b = sum + rest (Knuth, The Art of Computer Programming 2, theorem 4.2.2 B).
float sumOf(float a, float b, out float rest) {
  precise float s = a + b;
  precise float t = s - a;
  precise float r = (a - (s - t)) + (b - t);
  rest = r;
  return s;
}

// The same for |a| ≥ |b| or a = 0 (Dekker, 1971).
float quickSum(float a, float b, out float rest) {
  precise float s = a + b;
  precise float r = b - (s - a);
  rest = r;
  return s;
}

// a · b = product + rest, if the rest is not too small a number (Dekker, 1971): halves of 12 bits
// have exact products.
float productOf(float a, float b, out float rest) {
  float ah = uintBitsToFloat(floatBitsToUint(a) & 0xfffff000u);
  float bh = uintBitsToFloat(floatBitsToUint(b) & 0xfffff000u);
  precise float al = a - ah;
  precise float bl = b - bh;
  precise float p = a * b;
  precise float r = (((ah * bh - p) + ah * bl) + al * bh) + al * bl;
  rest = r;
  return p;
}

// (n + nl) / (d + dl). The device's quotient may be off by 2.5 units; the remainder is exact, and
// so the pair is right to a few times 2⁻⁴⁶.
float quotientOf(float n, float nl, float d, float dl, out float rest) {
  float q = n / d;
  float e;
  float p = productOf(q, d, e);
  precise float r = ((n - p) - e) + (nl - q * dl);
  precise float c = r / d;
  return quickSum(q, c, rest);
}

// √(h + l), to a few times 2⁻⁴⁶; of 0 it is 0.
float rootOf(float h, float l, out float rest) {
  float s = sqrt(h);
  float e;
  float p = productOf(s, s, e);
  precise float r = ((h - p) - e) + l;
  precise float c = r / (s + s);
  rest = 0.0;
  if (!(h > 0.0)) return 0.0;
  return quickSum(s, c, rest);
}

float powerOfTwo(int n) { return intBitsToFloat((n + 127) << 23); }

// y · 2ⁿ for |n| ≤ 252; where the result is normal the product is exact.
float scaled(float y, int n) {
  n = clamp(n, -252, 252);
  int half_ = n >> 1;
  precise float z = y * powerOfTwo(half_) * powerOfTwo(n - half_);
  return z;
}

// x = 2ᵏ m for a positive x that is finite, 2 · least > m ≥ least, where least has the bits given.
// A subnormal number is its bits as a number, times 2⁻¹⁴⁹.
float separated(float x, int least, out int k) {
  int bits = floatBitsToInt(x);
  bool isSubnormal = bits < 0x00800000;
  int normal = floatBitsToInt(float(bits));
  bits = isSubnormal ? normal : bits;
  int e = (bits - least) >> 23;
  k = isSubnormal ? e - 149 : e;
  return intBitsToFloat(bits - (e << 23));
}

const int ONE = 0x3f800000;
const int ROOT_OF_HALF = 0x3f3504f3;
#endif
