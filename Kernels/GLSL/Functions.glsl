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
vec4 op_divide(ivec4 a, ivec4 b) { return vec4(a) / vec4(b); }

vec4 op_negate(vec4 x) { return uintBitsToFloat(floatBitsToUint(x) ^ 0x80000000u); }
ivec4 op_negate(ivec4 x) { return -x; }

vec4 op_copy(vec4 x) { return x; }
ivec4 op_copy(ivec4 x) { return x; }

// A value below 0 becomes 0; NaN passes.
vec4 op_relu(vec4 x) { return mix(x, vec4(0), lessThan(x, vec4(0))); }
ivec4 op_relu(ivec4 x) { return max(x, ivec4(0)); }

vec4 op_exp(vec4 x) {
  // Beyond these the result is 0 or infinite, and drivers differ on the way there.
  vec4 y = exp(clamp(x, vec4(-104), vec4(89)));
  y = mix(y, vec4(0), lessThan(x, vec4(-104)));
  y = mix(y, infinity(), greaterThan(x, vec4(88.7228394)));
  return mix(y, x, isNaN(x));
}
vec4 op_exp(ivec4 x) { return op_exp(vec4(x)); }

vec4 op_log(vec4 x) {
  // A subnormal is its bits as a number, times 2 to the -149.
  uvec4 bits = floatBitsToUint(x);
  bvec4 subnormal = lessThan(bits - 1u, uvec4(0x007fffffu));
  vec4 y = log(mix(x, vec4(bits), subnormal));
  y = mix(y, y - 103.278929903, subnormal);
  y = mix(y, -infinity(), equal(x, vec4(0)));
  y = mix(y, notANumber(), lessThan(x, vec4(0)));
  y = mix(y, x, equal(x, infinity()));
  return mix(y, x, isNaN(x));
}
vec4 op_log(ivec4 x) { return op_log(vec4(x)); }

vec4 op_sqrt(vec4 x) {
  vec4 y = sqrt(x);
  y = mix(y, x, equal(x, vec4(0)));
  y = mix(y, notANumber(), lessThan(x, vec4(0)));
  y = mix(y, x, equal(x, infinity()));
  return mix(y, x, isNaN(x));
}
vec4 op_sqrt(ivec4 x) { return op_sqrt(vec4(x)); }

// Near 0 the odd polynomial of Cephes' tanhf, relative error under 2 units in the last place.
// Elsewhere 1 - t with t = 2 / (exp(2|x|) + 1): exp's 3 + 4|x| units and the division's 2.5 are
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
  vec4 far = 1.0 - 2.0 / (exp(min(2.0 * a, vec4(40))) + 1.0);
  far = mix(far, -far, lessThan(x, vec4(0)));
  vec4 y = mix(far, near, lessThan(a, vec4(0.625)));
  return mix(y, x, isNaN(x));
}
vec4 op_tanh(ivec4 x) { return op_tanh(vec4(x)); }

vec4 op_cast(ivec4 x) { return vec4(x); }
// Towards zero; saturates; NaN gives 0.
ivec4 op_cast(vec4 x) {
  ivec4 y = ivec4(clamp(x, vec4(-2147483648.0), vec4(2147483520.0)));
  y = mix(y, ivec4(2147483647), greaterThanEqual(x, vec4(2147483648.0)));
  return mix(y, ivec4(0), isNaN(x));
}
