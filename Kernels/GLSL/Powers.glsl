#ifndef POWERS_GLSL
#define POWERS_GLSL
#include "Exact.glsl"
#include "Exponentials.glsl"
// Powers and roots.

// The rest that is dropped counts 2⁻²⁰ of a unit at most.
float reciprocal_(float x) {
  int k;
  float m = separated(min(magnitude(x), 3.4028235e38), ONE, k);
  float rest;
  float y = scaled(quotientOf(1.0, 0.0, m, 0.0, rest), -k);
  if (magnitude(x) == 0.0) y = INFINITY_;
  if (isInfinite_(x)) y = 0.0;
  return isNaN_(x) ? x : withSign(y, x);
}
EACH(reciprocal)

float rsqrt_(float x) {
  int k;
  float m = separated(min(magnitude(x), 3.4028235e38), ONE, k);
  // An even power of two.
  int odd = k & 1;
  precise float h = odd != 0 ? 2.0 * m : m;
  float r, rest;
  float s = rootOf(h, 0.0, r);
  float y = scaled(quotientOf(1.0, 0.0, s, r, rest), -((k - odd) >> 1));
  if (isInfinite_(x)) y = 0.0;
  if (x < 0.0) y = NAN_;
  if (x == 0.0) y = withSign(INFINITY_, x);
  return isNaN_(x) ? x : y;
}
EACH(rsqrt)

// Two steps of Halley's iteration, each of which cubes the error, and one of Newton's with the exact
// remainder.
float cbrt_(float x) {
  int k;
  float m = separated(min(magnitude(x), 3.4028235e38), ONE, k);
  int third = (k + 300) / 3 - 100;
  m = scaled(m, k - 3 * third);
  float y = intBitsToFloat(floatBitsToInt(m) / 3 + 0x2a514067);
  for (int i = 0; i < 2; ++i) {
    precise float cube = y * y * y;
    y = y * (cube + 2.0 * m) / (2.0 * cube + m);
  }
  float pe, te;
  float p = productOf(y, y, pe);
  float t = productOf(p, y, te);
  precise float r = (m - t) - (te + pe * y);
  precise float z = y + r / (3.0 * p);
  z = withSign(scaled(z, third), x);
  return isNaN_(x) || isInfinite_(x) || magnitude(x) == 0.0 ? x : z;
}
EACH(cbrt)

// The squares are summed in pairs, scaled so that the larger is near 1.
float hypot_(float a, float b) {
  float x = magnitude(a);
  float y = magnitude(b);
  float larger = max(x, y);
  bool isSpecial = isInfinite_(larger) || larger == 0.0;
  int k;
  float m = separated(isSpecial ? 1.0 : larger, ONE, k);
  float l = scaled(min(x, y), -k);
  float me, le, se, rest;
  float mm = productOf(m, m, me);
  float ll = productOf(l, l, le);
  float s = sumOf(mm, ll, se);
  precise float sl = se + (me + le);
  float h = scaled(rootOf(s, sl, rest), k);
  if (isSpecial) h = larger;
  if (isNaN_(b)) h = b;
  if (isNaN_(a)) h = a;
  return isInfinite_(a) || isInfinite_(b) ? INFINITY_ : h;
}
EACH_PAIR(hypot)

// log₂ x in two parts, right to 2⁻³⁵ of itself: with s = (m - 1) / (m + 1), |s| ≤ 0.172,
// log m = 2s (1 + s² (1/3 + s² G(s²))), all in pairs but G, the error of which counts s⁴/5 ≤ 2⁻¹².
float preciseLog2(float x, out float rest) {
  int k;
  float m = separated(x, ROOT_OF_HALF, k);
  precise float f = m - 1.0;
  float dl, sl, pe, hl, ve, wl, ze, le, te;
  float d = sumOf(m, 1.0, dl);
  float s = quotientOf(f, 0.0, d, dl, sl);
  float p = productOf(s, s, pe);
  precise float pl = pe + 2.0 * s * sl;
  precise float g = 9.76631343e-2 * p + 0.110904098;
  g = g * p + 0.142859802;
  g = g * p + 0.199999988;
  precise float t = p * g;
  float h = quickSum(0.333333343, t, hl);
  precise float hr = hl - 9.93410776e-9;
  float v = productOf(p, h, ve);
  precise float vl = ve + (p * hr + pl * h);
  float w = quickSum(1.0, v, wl);
  precise float wr = wl + vl;
  float z = productOf(s, w, ze);
  precise float zl = ze + (s * wr + sl * w);
  float l = productOf(z, 2.88539004, le);
  precise float lr = le + (z * 3.85192607e-8 + zl * 2.88539004);
  float total = sumOf(float(k), l, te);
  precise float tr = te + lr;
  return quickSum(total, tr, rest);
}

// 2 to the y log₂ x. The exponent, up to 150, is right to 2⁻²⁸, which counts 1/16 of a unit, the
// polynomial of the exponential 1/32; the rest is one rounding.
float pow_(float x, float y) {
  float a = magnitude(x);
  bool isSpecial = a == 0.0 || isInfinite_(a) || isNaN_(a);
  float tl, ee, re, rest;
  float t = preciseLog2(isSpecial ? 1.0 : a, tl);
  float exponent = clamp(y, -1.0e12, 1.0e12);
  float e = productOf(exponent, t, ee);
  precise float el = ee + exponent * tl;
  bool isBeyond = magnitude(e) > 200.0;
  el = isBeyond ? 0.0 : el;
  e = clamp(e, -200.0, 200.0);
  float n = roundEven(e);
  precise float f = e - n;
  float r = productOf(f, 0.693147182, re);
  precise float rl = re + (f * -1.90465421e-9 + el * 0.693147182);
  float z = scaled(expOfReduced(r, rl, rest), int(n));

  // C99, F.9.4.4.
  float ay = magnitude(y);
  bool isWhole = ay >= 8388608.0 || ay == floor(ay);
  bool isOdd = isWhole && ay < 16777216.0 && (int(min(ay, 16777216.0)) & 1) != 0;
  bool isBelow = isNegative(x);
  bool isDown = isNegative(y);
  if (a == 0.0) z = isDown ? INFINITY_ : 0.0;
  if (isInfinite_(a)) z = isDown ? 0.0 : INFINITY_;
  if (isInfinite_(ay)) z = (a > 1.0) != isDown ? INFINITY_ : 0.0;
  if (isInfinite_(ay) && a == 1.0) z = 1.0;
  if (isBelow && isOdd) z = -z;
  if (isBelow && !isWhole && a > 0.0 && !isInfinite_(a)) z = NAN_;
  if (isNaN_(x)) z = x;
  if (isNaN_(y)) z = y;
  return x == 1.0 || ay == 0.0 ? 1.0 : z;
}
EACH_PAIR(pow)

// By repeated squaring; wraps around. 1 / xⁿ without its fraction for a negative exponent, which is
// 0 but for 1 and -1.
int pow_(int x, int n) {
  uint exponent = uint(n);
  if (n < 0) exponent = x == 1 || x == -1 ? uint(n & 1) : 0u;
  int result = n < 0 && x != 1 && x != -1 ? 0 : 1;
  int power = x;
  for (int i = 0; i < 32; ++i) {
    result = (exponent & 1u) != 0u ? result * power : result;
    power *= power;
    exponent >>= 1;
  }
  return result;
}
ivec4 op_pow(ivec4 a, ivec4 b) {
  ivec4 y = ivec4(0);
  for (int c = 0; c < 4; ++c) y[c] = pow_(a[c], b[c]);
  return y;
}
#endif
