// The functions of reductions, by their names in the operation table. Four partial results
// run side by side, element r of the reduction in part r % 4; the parts meet at the end.
//
// An operand of integers is QUAD = ivec4. LOWEST is below all else.
#define LOWEST lowest(QUAD(0))
vec4 lowest(vec4 like) { return -infinity(); }
ivec4 lowest(ivec4 like) { return ivec4(-2147483647 - 1); }

// PARTIAL is what a part holds: a QUAD of the accumulator, and for argmax the indices too.

#ifdef REDUCE_sum
#define PARTIAL RESULT_QUAD
PARTIAL start() { return PARTIAL(0); }
PARTIAL combine(PARTIAL a, PARTIAL b) { return a + b; }
PARTIAL element(QUAD x, uvec4 index) { return x; }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) { return mix(a, b, take); }
RESULT_ELEMENT finish(PARTIAL p, uint length) { return (p.x + p.y) + (p.z + p.w); }
#endif

#ifdef REDUCE_mean
#define PARTIAL vec4
PARTIAL start() { return vec4(0); }
PARTIAL combine(PARTIAL a, PARTIAL b) { return a + b; }
PARTIAL element(QUAD x, uvec4 index) { return vec4(x); }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) { return mix(a, b, take); }
RESULT_ELEMENT finish(PARTIAL p, uint length) { return ((p.x + p.y) + (p.z + p.w)) / float(length); }
#endif

// NaN counts as largest.
bvec4 exceeds(QUAD a, QUAD b) {
  bvec4 more = greaterThan(a, b);
  bvec4 aIsNaN = isNaN(a), bIsNaN = isNaN(b);
  return bvec4(uvec4(more) & uvec4(not(bIsNaN)) | uvec4(aIsNaN) & uvec4(not(bIsNaN)));
}

#ifdef REDUCE_max
#define PARTIAL QUAD
PARTIAL start() { return LOWEST; }
PARTIAL combine(PARTIAL a, PARTIAL b) { return mix(a, b, exceeds(b, a)); }
PARTIAL element(QUAD x, uvec4 index) { return x; }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) { return mix(a, b, take); }
RESULT_ELEMENT finish(PARTIAL p, uint length) {
  PARTIAL half_ = combine(p, p.zwzw);
  return combine(half_, half_.yyyy).x;
}
#endif

#ifdef REDUCE_argmax
struct PARTIAL { QUAD value; uvec4 index; };
PARTIAL start() { return PARTIAL(LOWEST, uvec4(0xffffffffu)); }
PARTIAL combine(PARTIAL a, PARTIAL b) {
  // The larger value; of equal ones the earlier.
  bvec4 more = exceeds(b.value, a.value), less = exceeds(a.value, b.value);
  bvec4 take = bvec4(uvec4(more) | uvec4(not(less)) & uvec4(lessThan(b.index, a.index)));
  return PARTIAL(mix(a.value, b.value, take), mix(a.index, b.index, take));
}
PARTIAL element(QUAD x, uvec4 index) { return PARTIAL(x, index); }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) {
  return PARTIAL(mix(a.value, b.value, take), mix(a.index, b.index, take));
}
RESULT_ELEMENT finish(PARTIAL p, uint length) {
  PARTIAL half_ = combine(p, PARTIAL(p.value.zwzw, p.index.zwzw));
  return RESULT_ELEMENT(combine(half_, PARTIAL(half_.value.yyyy, half_.index.yyyy)).index.x);
}
#endif
