#ifndef ERROR_FUNCTIONS_GLSL
#define ERROR_FUNCTIONS_GLSL
#include "Exact.glsl"
#include "Exponentials.glsl"
// The error function and what is made of it.

// erf(x) = x + x E(x²) up to 1; minimax polynomial (Remez), relative error 2⁻²⁹.
float erfTerm(float x) {
  precise float z = x * x;
  precise float p = -8.5779966e-6 * z + 1.08587825e-4;
  p = p * z - 8.42323236e-4;
  p = p * z + 5.21640619e-3;
  p = p * z - 2.68635508e-2;
  p = p * z + 0.112837434;
  p = p * z - 0.376126349;
  p = p * z + 0.128379166;
  precise float t = x * p;
  return t;
}

// erfc(x) = 2ⁿ (y + rest) for x from ½ to 10.2, given its square in two parts:
// exp(-x²) P(t) / (1 + 2x), t = (x - 2.5) / (x + 2.5); minimax polynomial (Remez), relative error
// 2⁻²⁹, of degree 9 in t. An error of x itself counts little here, one of the square as often as it
// is large.
float erfcScaled(float x, float square, float squareRest, out int n, out float rest) {
  precise float over = x - 2.5;
  precise float under = x + 2.5;
  float tl, mRest, pe, ye, de;
  float t = quotientOf(over, 0.0, under, 0.0, tl);
  precise float p = 5.40356501e-4 * t + 4.12198511e-4;
  p = p * t - 4.35386924e-3;
  p = p * t + 9.57977492e-4;
  p = p * t + 3.2757204e-2;
  p = p * t - 0.102970593;
  p = p * t + 0.157630101;
  p = p * t - 9.90243703e-2;
  p = p * t - 0.122356765;
  precise float tp = t * p - 3.56052254e-8;
  p = quickSum(1.26483822, tp, pe);
  float m = exponential(-square, -squareRest, n, mRest);
  float y = productOf(m, p, ye);
  precise float yl = ye + (m * pe + mRest * p);
  precise float twice = 2.0 * x;
  float d = sumOf(1.0, twice, de);
  return quotientOf(y, yl, d, de, rest);
}

float erf_(float x) {
  float a = min(magnitude(x), 4.0);
  precise float near = a + erfTerm(a);
  float e, rest;
  float square = productOf(a, a, e);
  int n;
  float c = erfcScaled(max(a, 0.5), square, e, n, rest);
  precise float far = 1.0 - scaled(c, n);
  float y = withSign(a < 1.0 ? near : far, x);
  return isNaN_(x) ? x : y;
}
EACH(erf)

float erfc_(float x) {
  float a = min(magnitude(x), 10.2);
  float e, f, rest;
  float term = erfTerm(x);
  float s = sumOf(1.0, -x, f);
  precise float near = s + (f - term);
  float square = productOf(a, a, e);
  int n;
  float c = erfcScaled(max(a, 0.5), square, e, n, rest);
  float far = scaled(c, n);
  precise float left = 2.0 - far;
  float y = isNegative(x) ? left : far;
  y = x >= -1.0 && x < 0.5 ? near : y;
  return isNaN_(x) ? x : y;
}
EACH(erfc)

// ½ x erfc(-x/√2); towards -infinity 0.
float gelu_(float x) {
  float y = clamp(x, -14.4, 14.4);
  float a = magnitude(y);
  float vl, e, f, ne, pe, rest, se;
  // y / √2, and its square.
  float v = productOf(y, 0.707106769, vl);
  precise float vr = vl + y * 1.21016175e-8;
  float square = productOf(a, a, e);
  precise float half_ = 0.5 * square;
  precise float halfRest = 0.5 * e;
  // 1 + erf near 0.
  precise float term = erfTerm(v) + vr * 1.12837917;
  float s = sumOf(1.0, v, se);
  precise float sl = se + term;
  s = quickSum(s, sl, sl);

  int n;
  float c = erfcScaled(max(magnitude(v), 0.5), half_, halfRest, n, rest);
  bool isNear = v >= -0.6 && v < 1.0;
  bool isLeft = isNegative(x);
  // 2 - erfc on the right.
  precise float power = powerOfTwo(max(n, -126));
  float g = sumOf(2.0, -c * power, f);
  precise float gl = f - rest * power;
  float h = isLeft ? c : g;
  float hl = isLeft ? rest : gl;
  n = isLeft && !isNear ? n : 0;
  h = isNear ? s : h;
  hl = isNear ? sl : hl;
  precise float halfX = 0.5 * (isLeft ? y : x);
  float p = productOf(halfX, h, pe);
  precise float z = p + (pe + halfX * hl);
  z = scaled(z, n);
  if (x < -14.4) z = -0.0;
  if (x > 14.4) z = x;
  return isNaN_(x) ? x : z;
}
EACH(gelu)
#endif
