#ifndef TRIGONOMETRY_GLSL
#define TRIGONOMETRY_GLSL
#include "Exact.glsl"
// Trigonometric functions and their inverses, for every float32.
//
// The bounds follow from: a reduced argument right to 2⁻³⁰ of itself or better; minimax polynomials
// (Remez), relative errors below 2⁻³⁰; their rounding errors, which count 1/4 of a unit at most,
// since they are added to the leading term; and one rounding at the end.

const float QUARTER_TURN = 1.57079637;
const float QUARTER_TURN_REST = -4.37113883e-8;

// 2/π in binary, two bits of 0 before the point; a word of 0 before it for shifts.
const uint INVERSE_QUARTER[8] = uint[8](
  0x00000000u, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau);

// x = q π/2 + r + rest, |r| ≤ π/4 (Payne and Hanek, 1983): the 24 bits of x times those 96 bits of
// 2/π that make the quotient's last two bits and its fraction, in words of 32 bits. No float32 lies
// closer than 2⁻³⁰ to a multiple of π/2, so of the fraction's 62 bits 30 count.
uint quarterTurns(float x, out float r, out float rest) {
  uint bits = floatBitsToUint(x);
  uint mantissa = bits << 8 | 0x80000000u;
  uint exponent = max(bits >> 23 & 0xffu, 126u) - 126u;
  uint i = min(exponent >> 5, 4u);
  uint shift = exponent & 31u;
  uint a = INVERSE_QUARTER[i];
  uint b = INVERSE_QUARTER[i + 1u];
  uint c = INVERSE_QUARTER[i + 2u];
  uint d = INVERSE_QUARTER[i + 3u];
  a = a << shift | b >> 1 >> (31u - shift);
  b = b << shift | c >> 1 >> (31u - shift);
  c = c << shift | d >> 1 >> (31u - shift);

  uint carried, ignored, high, low, carry;
  umulExtended(mantissa, c, carried, ignored);
  umulExtended(mantissa, b, high, low);
  low = uaddCarry(low, carried, carry);
  high += carry + mantissa * a;

  // The nearest whole number, and the distance from it.
  uint q = high >> 30;
  high &= 0x3fffffffu;
  bool isAbove = (high & 0x20000000u) != 0u;
  uint negatedHigh = 0x40000000u - high - (low != 0u ? 1u : 0u);
  uint negatedLow = ~low + 1u;
  high = isAbove ? negatedHigh : high;
  low = isAbove ? negatedLow : low;
  q = isAbove ? q + 1u : q;

  precise float first = float(high >> 8) * 2.384185791015625e-7;
  precise float second = float((high & 0xffu) << 16 | low >> 16) * 1.4210854715202004e-14;
  precise float third = float(low & 0xffffu) * 2.168404344971009e-19;
  float e, f, pe;
  float s = quickSum(first, second, e);
  precise float l = e + third;
  s = quickSum(s, l, f);
  float p = productOf(s, QUARTER_TURN, pe);
  precise float pl = pe + (s * QUARTER_TURN_REST + f * QUARTER_TURN);
  p = quickSum(p, pl, pl);

  bool isNegative_ = isNegative(x);
  bool isFlipped = isAbove != isNegative_;
  r = isFlipped ? -p : p;
  rest = isFlipped ? -pl : pl;
  q = isNegative_ ? ~q + 1u : q;
  if (magnitude(x) < 0.785398163) {
    r = x;
    rest = 0.0;
    q = 0u;
  }
  return q;
}

// Sine and cosine of r + rest in two parts each, |r| ≤ π/4.
float sineOf(float r, float rest, out float low) {
  precise float z = r * r;
  precise float p = 2.80835866e-6 * z - 1.98506881e-4;
  p = p * z + 8.33337381e-3;
  p = p * z - 0.166666672;
  precise float t = r * z * p + rest * (1.0 - 0.5 * z);
  return quickSum(r, t, low);
}

float cosineOf(float r, float rest, out float low) {
  precise float z = r * r;
  precise float p = 2.44482926e-5 * z - 1.38874666e-3;
  p = p * z + 4.16666493e-2;
  float ze, e;
  float exactZ = productOf(r, r, ze);
  precise float half_ = -0.5 * exactZ;
  float s = quickSum(1.0, half_, e);
  precise float t = e + (z * z * p - (0.5 * ze + r * rest));
  return quickSum(s, t, low);
}

// The sine of so many quarter turns more.
float sineAfter(float x, uint more) {
  float r, rest, low;
  uint q = quarterTurns(x, r, rest) + more;
  float s = sineOf(r, rest, low);
  float c = cosineOf(r, rest, low);
  float y = (q & 1u) != 0u ? c : s;
  y = (q & 2u) != 0u ? -y : y;
  return isInfinite_(x) ? NAN_ : y;
}

float sin_(float x) {
  float y = sineAfter(x, 0u);
  return isNaN_(x) || magnitude(x) < 1.0e-4 ? x : y;
}
EACH(sin)

float cos_(float x) {
  float y = sineAfter(x, 1u);
  return isNaN_(x) ? x : y;
}
EACH(cos)

float tan_(float x) {
  float r, rest, sl, cl;
  uint q = quarterTurns(x, r, rest);
  float s = sineOf(r, rest, sl);
  float c = cosineOf(r, rest, cl);
  bool isOdd = (q & 1u) != 0u;
  float y = quotientOf(isOdd ? -c : s, isOdd ? -cl : sl, isOdd ? s : c, isOdd ? sl : cl, rest);
  if (isInfinite_(x)) y = NAN_;
  return isNaN_(x) || magnitude(x) < 1.0e-4 ? x : y;
}
EACH(tan)

// asin x = x + x³ P(x²) up to ½; above, asin x = π/2 - 2 asin √((1 - x) / 2), and acos x = 2 asin √….
// Gives x or √…, its rest, and the term that is added to it.
float arcsineOf(float a, out float rest, out float term) {
  bool isSmall = a <= 0.5;
  precise float square = a * a;
  precise float half_ = 0.5 - 0.5 * a;
  float root = rootOf(half_, 0.0, rest);
  float z = isSmall ? square : half_;
  float s = isSmall ? a : root;
  rest = isSmall ? 0.0 : rest;
  precise float p = 3.67704928e-2 * z + 1.50113814e-2;
  p = p * z + 3.16422507e-2;
  p = p * z + 4.45390269e-2;
  p = p * z + 7.50037208e-2;
  p = p * z + 0.166666627;
  precise float t = s * z * p;
  term = t;
  return s;
}

float asin_(float x) {
  float a = magnitude(x);
  float rest, term, e;
  float s = arcsineOf(a, rest, term);
  precise float near = s + term;
  float h = sumOf(QUARTER_TURN, -2.0 * s, e);
  precise float far = h + (e + (QUARTER_TURN_REST - 2.0 * (rest + term)));
  float y = withSign(a <= 0.5 ? near : far, x);
  if (a > 1.0) y = NAN_;
  return isNaN_(x) || a < 1.0e-4 ? x : y;
}
EACH(asin)

float acos_(float x) {
  float a = magnitude(x);
  float rest, term, e, f;
  float s = arcsineOf(a, rest, term);
  float signed_ = withSign(s, x);
  float signedTerm = withSign(term, x);
  float h = sumOf(QUARTER_TURN, -signed_, e);
  precise float near = h + (e + (QUARTER_TURN_REST - signedTerm));
  precise float right = 2.0 * (s + (rest + term));
  float g = sumOf(2.0 * QUARTER_TURN, -2.0 * s, f);
  precise float left = g + (f + 2.0 * (QUARTER_TURN_REST - (rest + term)));
  float y = isNegative(x) ? left : right;
  y = a <= 0.5 ? near : y;
  if (a > 1.0) y = NAN_;
  return isNaN_(x) ? x : y;
}
EACH(acos)

// What is added to v for the arc tangent of v + rest, 0 ≤ v ≤ 1.
float arctangentTerm(float v, float rest) {
  precise float z = v * v;
  precise float p = 1.13543251e-3 * z - 7.43056322e-3;
  p = p * z + 2.27901135e-2;
  p = p * z - 4.49997038e-2;
  p = p * z + 6.76493943e-2;
  p = p * z - 8.82207602e-2;
  p = p * z + 0.110614046;
  p = p * z - 0.142803684;
  p = p * z + 0.199997172;
  p = p * z - 0.333333284;
  precise float t = v * z * p + rest / (1.0 + z);
  return t;
}

// turns · π/2 + v + term, or minus both.
float turned(float turns, bool isMinus, float v, float term) {
  float signedV = isMinus ? -v : v;
  float signedTerm = isMinus ? -term : term;
  float e;
  float h = sumOf(turns * QUARTER_TURN, signedV, e);
  precise float y = h + (e + (turns * QUARTER_TURN_REST + signedTerm));
  return y;
}

float atan_(float x) {
  float a = magnitude(x);
  bool isLarge = a > 1.0;
  float rest;
  float inverse = quotientOf(1.0, 0.0, clamp(a, 1.0, 1.0e30), 0.0, rest);
  float v = isLarge ? inverse : a;
  float term = arctangentTerm(v, isLarge ? rest : 0.0);
  float y = withSign(turned(isLarge ? 1.0 : 0.0, isLarge, v, term), x);
  return isNaN_(x) || a < 1.0e-4 ? x : y;
}
EACH(atan)

float atan2_(float y, float x) {
  float a = magnitude(y);
  float b = magnitude(x);
  bool areInfinite = isInfinite_(y) && isInfinite_(x);
  a = areInfinite ? 1.0 : a;
  b = areInfinite ? 1.0 : b;
  bool isSteep = a > b;
  float larger = isSteep ? a : b;
  float smaller = isSteep ? b : a;
  if (isInfinite_(larger)) smaller = 0.0;
  if (isInfinite_(larger) || larger == 0.0) larger = 1.0;
  int kl, ks;
  float l = separated(larger, ONE, kl);
  float s = separated(smaller == 0.0 ? 1.0 : smaller, ONE, ks);
  float rest;
  float v = scaled(quotientOf(s, 0.0, l, 0.0, rest), ks - kl);
  rest = scaled(rest, ks - kl);
  if (smaller == 0.0) {
    v = 0.0;
    rest = 0.0;
  }
  float term = arctangentTerm(v, rest);
  bool isLeft = isNegative(x);
  // From the nearest axis: upwards from the right one, and so on.
  float turns = isSteep ? 1.0 : isLeft ? 2.0 : 0.0;
  float angle = withSign(turned(turns, isSteep != isLeft, v, term), y);
  if (isNaN_(x)) angle = x;
  return isNaN_(y) ? y : angle;
}
EACH_PAIR(atan2)
#endif
