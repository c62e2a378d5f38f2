// The functions of elementwise operations, by their names in the operation table.
// What GLSL leaves open (NaN, infinities, negative arguments) is settled here.

vec4 op_add(vec4 a, vec4 b) { return a + b; }
ivec4 op_add(ivec4 a, ivec4 b) { return a + b; }
vec4 op_subtract(vec4 a, vec4 b) { return a - b; }
ivec4 op_subtract(ivec4 a, ivec4 b) { return a - b; }
vec4 op_multiply(vec4 a, vec4 b) { return a * b; }
ivec4 op_multiply(ivec4 a, ivec4 b) { return a * b; }
vec4 op_divide(vec4 a, vec4 b) {
  // The reciprocal of a larger one is subnormal, and then may be 0: infinity ÷ it would be a NaN.
  vec4 scale = mix(vec4(1), vec4(0.25), greaterThan(abs(b), vec4(8.507059e37)));
  return a * scale / (b * scale);
}

vec4 op_abs(vec4 x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7fffffffu); }
ivec4 op_abs(ivec4 x) { return abs(x); }
vec4 op_sign(vec4 x) { return mix(sign(x), x, isNaN(x)); }
ivec4 op_sign(ivec4 x) { return sign(x); }
vec4 op_square(vec4 x) { return x * x; }
ivec4 op_square(ivec4 x) { return x * x; }
vec4 op_floor(vec4 x) { return mix(floor(x), x, isNaN(x)); }
ivec4 op_floor(ivec4 x) { return x; }
vec4 op_ceil(vec4 x) { return mix(ceil(x), x, isNaN(x)); }
ivec4 op_ceil(ivec4 x) { return x; }
vec4 op_round(vec4 x) { return mix(roundEven(x), x, isNaN(x)); }
ivec4 op_round(ivec4 x) { return x; }
vec4 op_trunc(vec4 x) { return mix(trunc(x), x, isNaN(x)); }
ivec4 op_trunc(ivec4 x) { return x; }

// NaN if either is.
vec4 op_minimum(vec4 a, vec4 b) { return mix(mix(mix(b, a, lessThan(a, b)), a, isNaN(a)), b, isNaN(b)); }
ivec4 op_minimum(ivec4 a, ivec4 b) { return min(a, b); }
vec4 op_maximum(vec4 a, vec4 b) { return mix(mix(mix(b, a, greaterThan(a, b)), a, isNaN(a)), b, isNaN(b)); }
ivec4 op_maximum(ivec4 a, ivec4 b) { return max(a, b); }
vec4 op_clip(vec4 x, vec4 low, vec4 high) { return op_minimum(op_maximum(x, low), high); }
ivec4 op_clip(ivec4 x, ivec4 low, ivec4 high) { return min(max(x, low), high); }

vec4 op_negate(vec4 x) { return uintBitsToFloat(floatBitsToUint(x) ^ 0x80000000u); }
ivec4 op_negate(ivec4 x) { return -x; }

vec4 op_copy(vec4 x) { return x; }
ivec4 op_copy(ivec4 x) { return x; }

// A value below 0 becomes 0; NaN passes.
vec4 op_relu(vec4 x) { return mix(x, vec4(0), lessThan(x, vec4(0))); }
ivec4 op_relu(ivec4 x) { return max(x, ivec4(0)); }

// e^x = 2^n e^r with n the whole number nearest to x / ln 2, ln 2 in two parts so that r is right to
// its last place, and the polynomial of Cephes' expf: relative error under 1.7e-7, so within 2 units
// in the last place. (lavapipe's own exp exceeds what Vulkan allows, by little and seldom.)
vec4 op_exp(vec4 x) {
  // Beyond these the result is 0 or infinite.
  vec4 y = clamp(x, vec4(-104), vec4(89));
  precise vec4 n = roundEven(y * 1.44269504088896341);
  precise vec4 r = y - n * 0.693359375;
  r = r + n * 2.12194440e-4;
  precise vec4 p = 1.9875691500e-4 * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  p = p * (r * r) + r + 1.0;
  // In two steps, since 2^n may be subnormal or too large.
  ivec4 whole = ivec4(n), part = whole >> 1;
  y = p * intBitsToFloat(part + 127 << 23) * intBitsToFloat(whole - part + 127 << 23);
  y = mix(y, vec4(0), lessThan(x, vec4(-104)));
  y = mix(y, infinity(), greaterThan(x, vec4(88.7228394)));
  return mix(y, x, isNaN(x));
}

// log x = e ln 2 + log m, m in [√½, √2), ln 2 in two parts, and the polynomial of Cephes' logf: its
// relative error is under 7.6e-8 near 1, so within 2 units in the last place. (NVIDIA's own log
// exceeds what Vulkan allows, by little and seldom.)
vec4 logOfNormal(vec4 x) {
  uvec4 bits = floatBitsToUint(x) - 0x3f3504f3u;
  precise vec4 e = vec4(ivec4(bits) >> 23);
  precise vec4 z = uintBitsToFloat((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0;
  precise vec4 p = 7.0376836292e-2 * z - 1.1514610310e-1;
  p = p * z + 1.1676998740e-1;
  p = p * z - 1.2420140846e-1;
  p = p * z + 1.4249322787e-1;
  p = p * z - 1.6668057665e-1;
  p = p * z + 2.0000714765e-1;
  p = p * z - 2.4999993993e-1;
  p = p * z + 3.3333331174e-1;
  precise vec4 square = z * z;
  precise vec4 y = p * z * square;
  y = y - 2.12194440e-4 * e;
  y = y - 0.5 * square;
  y = z + y;
  y = y + 0.693359375 * e;
  return y;
}

vec4 op_log(vec4 x) {
  // A subnormal is its bits as a number, times 2 to the -149.
  uvec4 bits = floatBitsToUint(x);
  bvec4 subnormal = lessThan(bits - 1u, uvec4(0x007fffffu));
  vec4 y = logOfNormal(mix(x, vec4(bits), subnormal));
  y = mix(y, y - 103.278929903, subnormal);
  y = mix(y, -infinity(), equal(x, vec4(0)));
  y = mix(y, notANumber(), lessThan(x, vec4(0)));
  y = mix(y, x, equal(x, infinity()));
  return mix(y, x, isNaN(x));
}

vec4 op_sqrt(vec4 x) {
  vec4 y = sqrt(x);
  y = mix(y, x, equal(x, vec4(0)));
  y = mix(y, notANumber(), lessThan(x, vec4(0)));
  y = mix(y, x, equal(x, infinity()));
  return mix(y, x, isNaN(x));
}

// Near 0 the odd polynomial of Cephes' tanhf, relative error under 2 units in the last place.
// Elsewhere 1 - t with t = 2 / (exp(2|x|) + 1): exp's 2 units and the division's 2.5 are
// relative to t, which is 0.45 at the seam and falls faster than they grow, so under 5 units
// of the result.
vec4 op_tanh(vec4 x) {
  vec4 a = abs(x);
  vec4 z = x * x;
  vec4 p = -5.70498872745e-3 * z + 2.06390887954e-2;
  p = p * z - 5.37397155531e-2;
  p = p * z + 1.33314422036e-1;
  p = p * z - 3.33332819422e-1;
  vec4 near = p * z * x + x;
  vec4 far = 1.0 - 2.0 / (op_exp(min(2.0 * a, vec4(40))) + 1.0);
  far = mix(far, -far, lessThan(x, vec4(0)));
  vec4 y = mix(far, near, lessThan(a, vec4(0.625)));
  return mix(y, x, isNaN(x));
}

// Comparisons; false beside a NaN, but for notEqual.
bvec4 both(bvec4 a, bvec4 b) { return bvec4(uvec4(a) & uvec4(b)); }
bvec4 ordered(vec4 a, vec4 b) { return not(bvec4(uvec4(isNaN(a)) | uvec4(isNaN(b)))); }
ivec4 op_equal(vec4 a, vec4 b) { return ivec4(both(equal(a, b), ordered(a, b))); }
ivec4 op_equal(ivec4 a, ivec4 b) { return ivec4(equal(a, b)); }
ivec4 op_notEqual(vec4 a, vec4 b) { return 1 - op_equal(a, b); }
ivec4 op_notEqual(ivec4 a, ivec4 b) { return ivec4(notEqual(a, b)); }
ivec4 op_less(vec4 a, vec4 b) { return ivec4(both(lessThan(a, b), ordered(a, b))); }
ivec4 op_less(ivec4 a, ivec4 b) { return ivec4(lessThan(a, b)); }
ivec4 op_lessOrEqual(vec4 a, vec4 b) { return ivec4(both(lessThanEqual(a, b), ordered(a, b))); }
ivec4 op_lessOrEqual(ivec4 a, ivec4 b) { return ivec4(lessThanEqual(a, b)); }
ivec4 op_greater(vec4 a, vec4 b) { return op_less(b, a); }
ivec4 op_greater(ivec4 a, ivec4 b) { return op_less(b, a); }
ivec4 op_greaterOrEqual(vec4 a, vec4 b) { return op_lessOrEqual(b, a); }
ivec4 op_greaterOrEqual(ivec4 a, ivec4 b) { return op_lessOrEqual(b, a); }
ivec4 op_isNaN(vec4 x) { return ivec4(isNaN(x)); }
ivec4 op_isInfinite(vec4 x) { return ivec4(equal(floatBitsToUint(x) & 0x7fffffffu, uvec4(0x7f800000u))); }
ivec4 op_isFinite(vec4 x) { return ivec4(lessThan(floatBitsToUint(x) & 0x7fffffffu, uvec4(0x7f800000u))); }

// Logic, of what is not 0. A subnormal is not.
ivec4 truth(vec4 x) { return ivec4(notEqual(floatBitsToUint(x) & 0x7fffffffu, uvec4(0))); }
ivec4 truth(ivec4 x) { return ivec4(notEqual(x, ivec4(0))); }
ivec4 op_logicalAnd(vec4 a, vec4 b) { return truth(a) & truth(b); }
ivec4 op_logicalAnd(ivec4 a, ivec4 b) { return truth(a) & truth(b); }
ivec4 op_logicalOr(vec4 a, vec4 b) { return truth(a) | truth(b); }
ivec4 op_logicalOr(ivec4 a, ivec4 b) { return truth(a) | truth(b); }
ivec4 op_logicalXor(vec4 a, vec4 b) { return truth(a) ^ truth(b); }
ivec4 op_logicalXor(ivec4 a, ivec4 b) { return truth(a) ^ truth(b); }
ivec4 op_logicalNot(vec4 x) { return 1 - truth(x); }
ivec4 op_logicalNot(ivec4 x) { return 1 - truth(x); }

// Bits. What GLSL leaves open of shifts is 0, or the sign.
ivec4 op_bitwiseAnd(ivec4 a, ivec4 b) { return a & b; }
ivec4 op_bitwiseOr(ivec4 a, ivec4 b) { return a | b; }
ivec4 op_bitwiseXor(ivec4 a, ivec4 b) { return a ^ b; }
ivec4 op_bitwiseNot(ivec4 x) { return RESULT_ENCODING == BOOL ? 1 - truth(x) : ~x; }
ivec4 op_shiftLeft(ivec4 a, ivec4 b) { return mix(ivec4(0), a << (b & 31), lessThan(uvec4(b), uvec4(32))); }
ivec4 op_shiftRight(ivec4 a, ivec4 b) { return a >> mix(ivec4(31), b, lessThan(uvec4(b), uvec4(32))); }

vec4 op_where(ivec4 condition, vec4 x, vec4 y) { return mix(y, x, notEqual(condition, ivec4(0))); }
ivec4 op_where(ivec4 condition, ivec4 x, ivec4 y) { return mix(y, x, notEqual(condition, ivec4(0))); }

// Conversions, by the kind of result.
vec4 op_cast_float(vec4 x) { return x; }
vec4 op_cast_float(ivec4 x) { return vec4(x); }
ivec4 op_cast_int32(ivec4 x) { return x; }
// Towards zero; saturates; NaN gives 0.
ivec4 op_cast_int32(vec4 x) {
  ivec4 y = ivec4(clamp(x, vec4(-2147483648.0), vec4(2147483520.0)));
  y = mix(y, ivec4(2147483647), greaterThanEqual(x, vec4(2147483648.0)));
  return mix(y, ivec4(0), isNaN(x));
}
ivec4 op_cast_uint8(ivec4 x) { return x; }
ivec4 op_cast_uint8(vec4 x) { return clamp(op_cast_int32(x), ivec4(0), ivec4(255)); }
ivec4 op_cast_bool(ivec4 x) { return x; }
ivec4 op_cast_bool(vec4 x) { return truth(x); }
