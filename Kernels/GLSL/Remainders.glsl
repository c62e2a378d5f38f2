#ifndef REMAINDERS_GLSL
#define REMAINDERS_GLSL
#include "Exact.glsl"
// Remainders and quotients without a fraction.

// What is left of |a| after taking |b| from it as often as possible: exactly remainder · 2ⁿ, also
// where that is subnormal. Long division, eight bits at a time.
float remainderOf(float a, float b, out int n) {
  uint bitsA = floatBitsToUint(a) & 0x7fffffffu;
  uint bitsB = floatBitsToUint(b) & 0x7fffffffu;
  int exponentA = int(bitsA >> 23);
  int exponentB = int(bitsB >> 23);
  uint r = exponentA == 0 ? bitsA : (bitsA & 0x7fffffu) | 0x800000u;
  uint d = exponentB == 0 ? bitsB : (bitsB & 0x7fffffu) | 0x800000u;
  d = max(d, 1u);
  exponentA = max(exponentA, 1);
  exponentB = max(exponentB, 1);
  int left = exponentA - exponentB;
  n = (left < 0 ? exponentA : exponentB) - 150;
  if (left >= 0) r %= d;
  while (left > 0) {
    int bits = min(left, 8);
    r = (r << uint(bits)) % d;
    left -= bits;
  }
  return float(r);
}

float fmod_(float a, float b) {
  int n;
  float r = remainderOf(a, b, n);
  r = withSign(scaled(r, n), a);
  if (isInfinite_(b)) r = a;
  if (isInfinite_(a) || magnitude(b) == 0.0) r = NAN_;
  if (isNaN_(b)) r = b;
  return isNaN_(a) ? a : r;
}
EACH_PAIR(fmod)

// With the sign of b, as Python's %.
float remainder_(float a, float b) {
  float r = fmod_(a, b);
  precise float other = r + b;
  bool isOther = r != 0.0 && isNegative(r) != isNegative(b) && !isNaN_(r);
  if (r == 0.0) r = withSign(r, b);
  return isOther ? other : r;
}
EACH_PAIR(remainder)

// ⌊a / b⌋: a less the remainder is a multiple of b, so the quotient is whole but for the rounding.
float floorDivide_(float a, float b) {
  int power, ka, kb;
  float r = withSign(remainderOf(a, b, power), a);
  separated(isInfinite_(a) || magnitude(a) == 0.0 ? 1.0 : magnitude(a), ONE, ka);
  float m = withSign(separated(isInfinite_(b) || magnitude(b) == 0.0 ? 1.0 : magnitude(b), ONE, kb), b);
  float e, rest;
  float n = sumOf(scaled(a, -ka), -scaled(r, power - ka), e);
  float q = scaled(quotientOf(n, e, m, 0.0, rest), ka - kb);
  rest = magnitude(q) < 8388608.0 ? 0.0 : scaled(rest, ka - kb);
  q = magnitude(q) < 8388608.0 ? roundEven(q) : q;
  float s = sumOf(q, -1.0, e);
  precise float below = s + (e + rest);
  float sign = isNegative(a) != isNegative(b) ? -1.0 : 1.0;
  bool isBelow = r != 0.0 && sign < 0.0;
  q = isBelow && !isInfinite_(q) ? below : q;
  if (isInfinite_(b)) q = isBelow ? -1.0 : withSign(0.0, sign);
  if (isInfinite_(a)) q = NAN_;
  if (magnitude(b) == 0.0) q = magnitude(a) == 0.0 ? NAN_ : withSign(INFINITY_, sign);
  if (isNaN_(b)) q = b;
  return isNaN_(a) ? a : q;
}
EACH_PAIR(floorDivide)

// Of integers, for which GLSL leaves open what division by 0 and the least by -1 do: by 0 all are 0.
ivec4 quotients(ivec4 a, ivec4 b) {
  ivec4 one = ivec4(1);
  ivec4 safe = mix(b, one, equal(b, ivec4(0)));
  safe = mix(safe, one, equal(b, ivec4(-1)));
  ivec4 q = a / safe;
  q = mix(q, -a, equal(b, ivec4(-1)));
  return mix(q, ivec4(0), equal(b, ivec4(0)));
}
ivec4 op_fmod(ivec4 a, ivec4 b) {
  return mix(a - quotients(a, b) * b, ivec4(0), equal(b, ivec4(0)));
}
// Whether the remainder is not 0 and the signs differ.
bvec4 isRoundedUp(ivec4 a, ivec4 b) {
  return bvec4(ivec4(notEqual(op_fmod(a, b), ivec4(0))) & ivec4(lessThan(a ^ b, ivec4(0))));
}
ivec4 op_remainder(ivec4 a, ivec4 b) { return op_fmod(a, b) + mix(ivec4(0), b, isRoundedUp(a, b)); }
ivec4 op_floorDivide(ivec4 a, ivec4 b) { return quotients(a, b) - ivec4(isRoundedUp(a, b)); }
#endif
