// The functions of reductions, by their names in the operation table. Four partial results
// run side by side, element r of the reduction in part r % 4; the parts meet at the end.
//
// An operand of integers is QUAD = ivec4. LOWEST is below all else, HIGHEST above.
#define LOWEST lowest(QUAD(0))
#define HIGHEST highest(QUAD(0))
vec4 lowest(vec4 like) { return -infinity(); }
ivec4 lowest(ivec4 like) { return ivec4(-2147483647 - 1); }
vec4 highest(vec4 like) { return infinity(); }
ivec4 highest(ivec4 like) { return ivec4(2147483647); }

// PARTIAL is what a part holds: a QUAD of the accumulator, and for argmax and argmin the indices too.

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

#ifdef REDUCE_prod
#define PARTIAL RESULT_QUAD
PARTIAL start() { return PARTIAL(1); }
PARTIAL combine(PARTIAL a, PARTIAL b) { return a * b; }
PARTIAL element(QUAD x, uvec4 index) { return x; }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) { return mix(a, b, take); }
RESULT_ELEMENT finish(PARTIAL p, uint length) { return (p.x * p.y) * (p.z * p.w); }
#endif

#if defined(REDUCE_any) || defined(REDUCE_all)
#define PARTIAL ivec4
#ifdef REDUCE_any
PARTIAL start() { return PARTIAL(0); }
PARTIAL combine(PARTIAL a, PARTIAL b) { return a | b; }
#else
PARTIAL start() { return PARTIAL(1); }
PARTIAL combine(PARTIAL a, PARTIAL b) { return a & b; }
#endif
// NaN is not 0.
PARTIAL element(QUAD x, uvec4 index) { return PARTIAL(notEqual(x, QUAD(0))) | PARTIAL(isNaN(x)); }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) { return mix(a, b, take); }
RESULT_ELEMENT finish(PARTIAL p, uint length) {
  PARTIAL half_ = combine(p, p.zwzw);
  return combine(half_, half_.yyyy).x;
}
#endif

// For the smallest as for the largest: whether a goes before b. NaN goes before all.
bvec4 exceeds(QUAD a, QUAD b) {
#if defined(REDUCE_min) || defined(REDUCE_argmin)
  bvec4 more = lessThan(a, b);
#define FARTHEST HIGHEST
#else
  bvec4 more = greaterThan(a, b);
#define FARTHEST LOWEST
#endif
  bvec4 aIsNaN = isNaN(a), bIsNaN = isNaN(b);
  return bvec4(uvec4(more) & uvec4(not(bIsNaN)) | uvec4(aIsNaN) & uvec4(not(bIsNaN)));
}

#if defined(REDUCE_max) || defined(REDUCE_min)
#define PARTIAL QUAD
PARTIAL start() { return FARTHEST; }
PARTIAL combine(PARTIAL a, PARTIAL b) { return mix(a, b, exceeds(b, a)); }
PARTIAL element(QUAD x, uvec4 index) { return x; }
PARTIAL choose(PARTIAL a, PARTIAL b, bvec4 take) { return mix(a, b, take); }
RESULT_ELEMENT finish(PARTIAL p, uint length) {
  PARTIAL half_ = combine(p, p.zwzw);
  return combine(half_, half_.yyyy).x;
}
#endif

#if defined(REDUCE_argmax) || defined(REDUCE_argmin)
struct PARTIAL { QUAD value; uvec4 index; };
PARTIAL start() { return PARTIAL(FARTHEST, uvec4(0xffffffffu)); }
PARTIAL combine(PARTIAL a, PARTIAL b) {
  // The one that goes before; of equal ones the earlier.
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
