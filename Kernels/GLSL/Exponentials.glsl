#ifndef EXPONENTIALS_GLSL
#define EXPONENTIALS_GLSL
#include "Exact.glsl"
// Functions made of exponentials.
//
// The bounds in the operation table follow from: a reduced argument that is exact to 2⁻⁵³; a
// minimax polynomial (Remez), relative error 2⁻³¹; its rounding errors, which count 1/8 of a unit
// at most, since the polynomial is added to 1 + r in pairs; and one rounding at the end.

// (eʳ - 1 - r) / r², |r| ≤ ½ ln 2.
float expTail(float r) {
  precise float p = 1.99584552e-4 * r + 1.3933708e-3;
  p = p * r + 8.33319221e-3;
  p = p * r + 4.16664779e-2;
  p = p * r + 0.166666672;
  p = p * r + 0.5;
  return p;
}

// x + low = n ln 2 + r + rest (Cody and Waite): n · 355/512 is exact, and so is its difference
// from x. |x| < 256.
int reducedByLog2(float x, float low, out float r, out float rest) {
  float n = roundEven(x * 1.44269502);
  precise float a = x - n * 0.693359375;
  precise float b = n * 2.1219444e-4;
  float e;
  r = sumOf(a, b, e);
  precise float l = low + e;
  rest = l;
  return int(n);
}

// exp(r + low) in two parts, |r| ≤ ½ ln 2, |low| ≤ |r| or far below what counts.
float expOfReduced(float r, float low, out float rest) {
  float l, e;
  r = quickSum(r, low, l);
  precise float q = l + r * r * expTail(r);
  float s = quickSum(1.0, r, e);
  precise float t = e + q;
  return quickSum(s, t, rest);
}

// exp(x + low) = 2ⁿ (y + rest), |x| < 256.
float exponential(float x, float low, out int n, out float rest) {
  float r, l;
  n = reducedByLog2(x, low, r, l);
  return expOfReduced(r, l, rest);
}

float exp2_(float x) {
  float y = clamp(x, -160.0, 130.0);
  float n = roundEven(y);
  precise float f = y - n;
  float e, rest;
  float r = productOf(f, 0.693147182, e);
  precise float l = e + f * -1.90465421e-9;
  float m = expOfReduced(r, l, rest);
  y = scaled(m, int(n));
  if (x < -160.0) y = 0.0;
  if (x >= 128.0) y = INFINITY_;
  return isNaN_(x) ? x : y;
}
EACH(exp2)

// ½ (eˣ - 1) in two parts, -30 ≤ x ≤ 89: half, so that 2ⁿ stays finite.
float halfExpm1(float x, out float rest) {
  float r, l;
  int n = reducedByLog2(x, 0.0, r, l);
  float power = powerOfTwo(n - 1);
  precise float q = (l + r * r * expTail(r)) * power;
  precise float scaledR = r * power;
  float e, f;
  float t = sumOf(power, -0.5, e);
  float s = sumOf(t, scaledR, f);
  precise float low = (e + f) + q;
  return quickSum(s, low, rest);
}

float expm1_(float x) {
  float rest;
  precise float y = 2.0 * halfExpm1(clamp(x, -30.0, 89.0), rest);
  if (magnitude(x) < 1.0e-8) y = x;
  if (x > 88.7228394) y = INFINITY_;
  return isNaN_(x) ? x : y;
}
EACH(expm1)

// x + x³ P(x²) below 1, where the exponentials would cancel; half their difference above.
float sinh_(float x) {
  float a = magnitude(x);
  precise float z = a * a;
  precise float p = 7.20459283e-8 * z + 2.63498919e-6;
  p = p * z + 1.98522248e-4;
  p = p * z + 8.33329279e-3;
  p = p * z + 0.166666672;
  precise float near = a + a * z * p;

  int n;
  float rest, inverseRest, e;
  float m = exponential(min(a, 95.0), 0.0, n, rest);
  float inverse = quotientOf(powerOfTwo(max(-2 * n, -126)), 0.0, m, rest, inverseRest);
  float s = sumOf(m, -inverse, e);
  precise float far = s + (e + (rest - inverseRest));
  far = scaled(far, n - 1);
  float y = withSign(a < 1.0 ? near : far, x);
  if (a < 2.0e-4) y = x;
  if (isInfinite_(x)) y = x;
  return isNaN_(x) ? x : y;
}
EACH(sinh)

float cosh_(float x) {
  float a = magnitude(x);
  int n;
  float rest, inverseRest, e;
  float m = exponential(min(a, 95.0), 0.0, n, rest);
  float inverse = quotientOf(powerOfTwo(max(-2 * n, -126)), 0.0, m, rest, inverseRest);
  float s = sumOf(m, inverse, e);
  precise float y = s + (e + (rest + inverseRest));
  y = scaled(y, n - 1);
  if (isInfinite_(x)) y = INFINITY_;
  return isNaN_(x) ? x : y;
}
EACH(cosh)

// 1 / (1 + e⁻ˣ) = 2ⁿ (y + rest) for x = w + low; below 0 as eˣ / (1 + eˣ), so that nothing
// overflows, with n left to the caller, so that nothing is lost in subnormal numbers.
float logistic(float w, float low, out int n, out float rest) {
  float a = magnitude(w);
  precise float l = isNegative(w) ? low : -low;
  float mRest, e;
  float m = exponential(-min(a, 120.0), l, n, mRest);
  float power = powerOfTwo(max(n, -126));
  precise float small = m * power;
  float d = sumOf(1.0, small, e);
  precise float dl = e + mRest * power;
  bool isBelow = isNegative(w);
  float top = isBelow ? m : 1.0;
  float topRest = isBelow ? mRest : 0.0;
  n = isBelow ? n : 0;
  return quotientOf(top, topRest, d, dl, rest);
}

float sigmoid_(float x) {
  int n;
  float rest;
  float y = logistic(x, 0.0, n, rest);
  y = scaled(y, n);
  if (x < -110.0) y = 0.0;
  return isNaN_(x) ? x : y;
}
EACH(sigmoid)

// x / (1 + e⁻ʷ), w = w + low; towards -infinity 0.
float gated(float x, float w, float low) {
  int n;
  float rest, e;
  float s = logistic(w, low, n, rest);
  float p = productOf(x, s, e);
  precise float y = p + (e + x * rest);
  y = scaled(y, n);
  if (w < -110.0) y = -0.0;
  if (x == INFINITY_) y = x;
  return isNaN_(x) ? x : y;
}

float silu_(float x) { return gated(x, x, 0.0); }
EACH(silu)

// ½ x (1 + tanh u) = x / (1 + e⁻²ᵘ), 2u = √(8/π) (x + 0.044715 x³). An error of 2u would count
// as often as it is large, so it is computed in pairs.
float geluTanh_(float x) {
  float y = clamp(x, -20.0, 20.0);
  float pl, tl, ul, vl, wl;
  float p = productOf(y, y, pl);
  float t = productOf(p, 0.0447149985, tl);
  precise float te = tl + (p * 1.54614443e-9 + pl * 0.0447149985);
  float u = sumOf(1.0, t, ul);
  precise float ue = ul + te;
  float v = productOf(y, 1.59576917, vl);
  precise float ve = vl + y * -4.53406805e-8;
  float w = productOf(v, u, wl);
  precise float we = wl + (v * ue + ve * u);
  return gated(x, w, we);
}
EACH(geluTanh)
#endif
