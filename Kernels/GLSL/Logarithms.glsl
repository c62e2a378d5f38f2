#ifndef LOGARITHMS_GLSL
#define LOGARITHMS_GLSL
#include "Exact.glsl"
#include "Exponentials.glsl"
// Functions made of logarithms.
//
// The bounds follow from: an argument 2ᵏ (1 + f + c) that is exact, or a pair right to 2⁻⁴⁰; a
// minimax polynomial (Remez), relative error 2⁻³⁰; its rounding errors, which count 1/8 of a unit at
// most, since it is added to f - ½f² in pairs; and one rounding at the end.

// log(1 + f + c) in two parts; √½ ≤ 1 + f ≤ √2, |c| small beside 1.
float logNearOne(float f, float c, out float rest) {
  float he, e;
  float h = productOf(f, f, he);
  precise float p = 6.80493861e-2 * f - 0.11726474;
  p = p * f + 0.118889205;
  p = p * f - 0.123963527;
  p = p * f + 0.142180771;
  p = p * f - 0.166685283;
  p = p * f + 0.20002228;
  p = p * f - 0.25;
  p = p * f + 0.333333105;
  precise float half_ = -0.5 * h;
  float s = quickSum(f, half_, e);
  precise float low = e + ((f * h * p - 0.5 * he) + c / (1.0 + f));
  return quickSum(s, low, rest);
}

// k ln 2 + h + l in two parts: k · 355/512 is exact.
float withLog2(int k, float h, float l, out float rest) {
  float n = float(k);
  precise float large = n * 0.693359375;
  float e;
  float s = sumOf(large, h, e);
  precise float low = e + (l + n * -2.1219444e-4);
  return quickSum(s, low, rest);
}

// log(2ⁿ (x + low)) in two parts, x positive and not near 1, or low 0.
float logOf(float x, float low, int n, out float rest) {
  int k;
  float m = separated(x, ROOT_OF_HALF, k);
  precise float f = m - 1.0;
  precise float c = low * powerOfTwo(clamp(-k, -126, 126));
  float l;
  float h = logNearOne(f, c, l);
  return withLog2(k + n, h, l, rest);
}

// log(1 + x + low) in two parts, x > -1.
float logOfOnePlus(float x, float low, out float rest) {
  float e, l;
  float u = sumOf(1.0, x, e);
  int k;
  float m = separated(u, ROOT_OF_HALF, k);
  precise float f = m - 1.0;
  precise float c = (e + low) * powerOfTwo(clamp(-k, -126, 126));
  f = k == 0 ? x : f;
  c = k == 0 ? low : c;
  float h = logNearOne(f, c, l);
  return withLog2(k, h, l, rest);
}

// A logarithm where it is no number.
float logLimits(float x, float y) {
  if (x == 0.0) y = -INFINITY_;
  if (x < 0.0) y = NAN_;
  return isNaN_(x) || x == INFINITY_ ? x : y;
}

float log2_(float x) {
  int k;
  float m = separated(x, ROOT_OF_HALF, k);
  precise float f = m - 1.0;
  float l, e, se;
  float h = logNearOne(f, 0.0, l);
  float p = productOf(h, 1.44269502, e);
  precise float pl = e + (h * 1.92596303e-8 + l * 1.44269502);
  float s = sumOf(float(k), p, se);
  precise float y = s + (se + pl);
  return logLimits(x, y);
}
EACH(log2)

float log10_(float x) {
  int k;
  float m = separated(x, ROOT_OF_HALF, k);
  precise float f = m - 1.0;
  float l, e, se;
  float h = logNearOne(f, 0.0, l);
  float p = productOf(h, 0.434294492, e);
  precise float pl = e + (h * -1.010305e-8 + l * 0.434294492);
  float n = float(k);
  precise float large = n * 0.301025390625;
  float s = sumOf(large, p, se);
  precise float y = s + (se + (pl + n * 4.60503898e-6));
  return logLimits(x, y);
}
EACH(log10)

float log1p_(float x) {
  float rest;
  float y = logOfOnePlus(x, 0.0, rest);
  if (magnitude(x) < 1.0e-8) y = x;
  if (x == -1.0) y = -INFINITY_;
  if (x < -1.0) y = NAN_;
  return isNaN_(x) || x == INFINITY_ ? x : y;
}
EACH(log1p)

// log(1 + eˣ) = max(x, 0) + log(1 + e⁻|ˣ|).
float softplus_(float x) {
  int n;
  float mRest, l, e;
  float m = exponential(-min(magnitude(x), 120.0), 0.0, n, mRest);
  float w = scaled(m, n);
  precise float wl = mRest * powerOfTwo(max(n, -126));
  float h = logOfOnePlus(w, wl, l);
  float s = sumOf(max(x, 0.0), h, e);
  precise float y = s + (e + l);
  if (x < -110.0) y = 0.0;
  return isNaN_(x) || x == INFINITY_ ? x : y;
}
EACH(softplus)

// x + x³ P(x²) below ½; log(x + √(x² + 1)) above, and log 2x where the 1 does not count.
float asinh_(float x) {
  float a = magnitude(x);
  precise float z = a * a;
  precise float p = -8.45793448e-3 * z + 1.65216159e-2;
  p = p * z - 2.24844497e-2;
  p = p * z + 3.04336101e-2;
  p = p * z - 4.46491167e-2;
  p = p * z + 7.50003085e-2;
  p = p * z - 0.166666672;
  precise float near = a + a * z * p;

  bool isLarge = a > 268435456.0;
  float b = min(a, 268435456.0);
  float e, se, r, te, rest;
  float q = productOf(b, b, e);
  float s = sumOf(q, 1.0, se);
  precise float sl = se + e;
  float root = rootOf(s, sl, r);
  float t = sumOf(b, root, te);
  precise float tl = te + r;
  float far = logOf(isLarge ? a : t, isLarge ? 0.0 : tl, isLarge ? 1 : 0, rest);
  float y = withSign(a < 0.5 ? near : far, x);
  if (a < 1.0e-4) y = x;
  if (isInfinite_(x)) y = x;
  return isNaN_(x) ? x : y;
}
EACH(asinh)

// log(1 + t + √(t² + 2t)), t = x - 1.
float acosh_(float x) {
  bool isLarge = x > 268435456.0;
  float b = min(x, 268435456.0);
  float tl, e, se, r, we, rest;
  float t = sumOf(b, -1.0, tl);
  float q = productOf(t, t, e);
  precise float twice = 2.0 * t;
  float s = sumOf(twice, q, se);
  precise float sl = se + (e + 2.0 * tl * (t + 1.0));
  float root = rootOf(s, sl, r);
  float w = sumOf(root, t, we);
  precise float wl = we + (r + tl);
  float y = logOfOnePlus(w, wl, rest);
  float large = logOf(x, 0.0, 1, rest);
  y = isLarge ? large : y;
  if (x == 1.0) y = 0.0;
  if (x < 1.0) y = NAN_;
  return isNaN_(x) || x == INFINITY_ ? x : y;
}
EACH(acosh)

// x + x³ P(x²) below ½; ½ log((1 + x) / (1 - x)) above.
float atanh_(float x) {
  float a = magnitude(x);
  precise float z = a * a;
  precise float p = 0.130653501 * z + 4.7836367e-2;
  p = p * z + 7.52689913e-2;
  p = p * z + 9.24456567e-2;
  p = p * z + 0.110832736;
  p = p * z + 0.14287968;
  p = p * z + 0.199999183;
  p = p * z + 0.333333343;
  precise float near = a + a * z * p;

  float e, ql, rest;
  float n = sumOf(1.0, a, e);
  precise float d = 1.0 - a;
  float q = quotientOf(n, e, d, 0.0, ql);
  precise float far = 0.5 * logOf(q, ql, 0, rest);
  float y = a < 0.5 ? near : far;
  if (a == 1.0) y = INFINITY_;
  if (a > 1.0) y = NAN_;
  y = withSign(y, x);
  if (a < 1.0e-4) y = x;
  return isNaN_(x) ? x : y;
}
EACH(atanh)
#endif
