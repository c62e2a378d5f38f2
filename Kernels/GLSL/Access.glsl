// Reading operands and writing the result, element by element or four at a time.
//
// ENCODING_0 … and RESULT_ENCODING say how they lie in memory (Encodings.glsl); QUAD_0 … and
// RESULT_QUAD (vec4 or ivec4) what the kernel computes with. ELEMENT and QUAD are the first
// operand's. Elements narrower than a word are cut from words, which every device can load.
//
// With CHECKED every index is held against the extent in the block; the first bad one is
// reported, bad loads give 0 and bad stores are dropped.

#include "Encodings.glsl"

#ifndef ENCODING_0
#define ENCODING_0 FLOAT32
#endif

layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Words { uint at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer QuadWords { uvec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer PairWords { uvec2 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer ResultWords { uint at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer ResultQuadWords { uvec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer ResultPairWords { uvec2 at[]; };

#ifdef WIDE_LOADS
// lavapipe loads and stores one component of one lane at a time, 64 bits as fast as 32.
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer WideWords { double at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer ResultWideWords { double at[]; };
#endif

uvec4 unpackHalves(uvec2 words) { return uvec4(words.x & 0xffffu, words.x >> 16, words.y & 0xffffu, words.y >> 16); }
uvec4 unpackBytes(uint word) { return uvec4(word, word >> 8, word >> 16, word >> 24) & 0xffu; }
uvec2 packHalves(uvec4 bits) { return bits.xz | bits.yw << 16; }
uint packBytes(uvec4 bits) { return bits.x | bits.y << 8 | bits.z << 16 | bits.w << 24; }

uint elementBits(uint encoding, uvec2 address, uint index) {
  uint bytes = bytesOf(encoding);
  if (bytes == 4u) return Words(address).at[index];
  // The address need not be that of a word.
  index += (address.x & 3u) / bytes;
  address.x &= ~3u;
  uint shift = bytes == 2u ? 1u : 2u;
  uint word = Words(address).at[index >> shift];
  return word >> (index & (1u << shift) - 1u) * bytes * 8u & (bytes == 2u ? 0xffffu : 0xffu);
}

uvec4 quadBits(uint encoding, uvec2 address, uint quad) {
  uint bytes = bytesOf(encoding);
#ifdef WIDE_LOADS
  if (bytes == 4u)
    return uvec4(
      unpackDouble2x32(WideWords(address).at[quad * 2]), unpackDouble2x32(WideWords(address).at[quad * 2 + 1]));
  if (bytes == 2u) return unpackHalves(unpackDouble2x32(WideWords(address).at[quad]));
#else
  if (bytes == 4u) return QuadWords(address).at[quad];
  if (bytes == 2u) return unpackHalves(PairWords(address).at[quad]);
#endif
  return unpackBytes(Words(address).at[quad]);
}

// The `index`-th element of an operand.
void fetch(uint operand, uint encoding, uvec2 address, uint index, out float value) {
  vec4 decoded = vec4(0);
  if (permitted(operand, index, 1)) decode(encoding, uvec4(elementBits(encoding, address, index)), decoded);
  value = decoded.x;
}
void fetch(uint operand, uint encoding, uvec2 address, uint index, out int value) {
  ivec4 decoded = ivec4(0);
  if (permitted(operand, index, 1)) decode(encoding, uvec4(elementBits(encoding, address, index)), decoded);
  value = decoded.x;
}
// Four elements from the 4 · `quad`-th on, of which `count` are meant; the address is a multiple of 16.
void fetchQuad(uint operand, uint encoding, uvec2 address, uint quad, uint count, out vec4 value) {
  value = vec4(0);
  if (permitted(operand, quad * 4, count)) decode(encoding, quadBits(encoding, address, quad), value);
}
void fetchQuad(uint operand, uint encoding, uvec2 address, uint quad, uint count, out ivec4 value) {
  value = ivec4(0);
  if (permitted(operand, quad * 4, count)) decode(encoding, quadBits(encoding, address, quad), value);
}

// The first operand's.
ELEMENT load(uint operand, uvec2 address, uint index) {
  ELEMENT value;
  fetch(operand, ENCODING_0, address, index, value);
  return value;
}

QUAD loadQuad(uint operand, uvec2 address, uint quad) {
  QUAD value;
  fetchQuad(operand, ENCODING_0, address, quad, 4, value);
  return value;
}

// One element; only for results of 32 bits, since neighbours share the words of narrower ones.
void store(uvec2 address, uint index, RESULT_ELEMENT value) {
  if (permitted(RESULT, index, 1)) ResultWords(address).at[index] = encode(RESULT_ENCODING, RESULT_QUAD(value)).x;
}

// A whole quad of 32 bits.
void storeBits(uvec2 address, uint quad, uvec4 bits) {
#ifdef WIDE_LOADS
  ResultWideWords(address).at[quad * 2] = packDouble2x32(bits.xy);
  ResultWideWords(address).at[quad * 2 + 1] = packDouble2x32(bits.zw);
#else
  ResultQuadWords(address).at[quad] = bits;
#endif
}

// The first `count` elements of a quad. Narrow ones are written in whole words: what lies behind
// the last element is nobody's, since tensors begin at multiples of 16 bytes.
void storeQuad(uvec2 address, uint quad, RESULT_QUAD value, uint count) {
  if (!permitted(RESULT, quad * 4, count)) return;
  uvec4 bits = encode(RESULT_ENCODING, value);
  uint bytes = bytesOf(RESULT_ENCODING);
  if (bytes == 1u) {
    ResultWords(address).at[quad] = packBytes(bits);
  } else if (bytes == 2u) {
    ResultPairWords(address).at[quad] = packHalves(bits);
  } else if (count == 4) {
    storeBits(address, quad, bits);
  } else {
    [[unroll]] for (uint c = 0; c < 4; ++c)
      if (c < count) ResultWords(address).at[quad * 4 + c] = bits[c];
  }
}
void storeQuad(uvec2 address, uint quad, RESULT_QUAD value) { storeQuad(address, quad, value, 4); }

// What this invocation has stored before, as float32 or int32.
RESULT_ELEMENT loadResult(uvec2 address, uint index) {
  RESULT_QUAD value = RESULT_QUAD(0);
  if (permitted(RESULT, index, 1)) decode(RESULT_ENCODING, uvec4(ResultWords(address).at[index]), value);
  return value.x;
}

RESULT_QUAD loadResultQuad(uvec2 address, uint quad) {
  RESULT_QUAD value = RESULT_QUAD(0);
  if (permitted(RESULT, quad * 4, 4)) decode(RESULT_ENCODING, ResultQuadWords(address).at[quad], value);
  return value;
}

uvec2 resultAddress(Block block, uint entry) {
  return advanced(block.result.address, entry, block.result.stride);
}

// The number of this workgroup in a grid folded into three dimensions.
uint linearWorkgroup() {
  return gl_WorkGroupID.x + gl_NumWorkGroups.x * (gl_WorkGroupID.y + gl_NumWorkGroups.y * gl_WorkGroupID.z);
}

// Where element `index` of a shape lies: sizes and strides of `rank` axes, outermost first,
// at words[sizes ...] and words[strides ...]. Strides of axes that run backwards wrap around;
// together with the origin of such an operand the sum is what it should be.
uint stridedOffset(Block block, uint index, uint rank, uint sizes, uint strides) {
  uint offset = 0;
  for (uint axis = rank; axis > 0; --axis) {
    uint size = block.words[sizes + axis - 1];
    uint next = index / size;
    offset += (index - next * size) * block.words[strides + axis - 1];
    index = next;
  }
  return offset;
}

// The compiler may drop x != x; it cannot drop this.
bvec4 isNaN(vec4 x) { return greaterThan(floatBitsToUint(x) & 0x7fffffffu, uvec4(0x7f800000u)); }
bvec4 isNaN(ivec4 x) { return bvec4(false); }
vec4 notANumber() { return uintBitsToFloat(uvec4(0x7fc00000u)); }
vec4 infinity() { return uintBitsToFloat(uvec4(0x7f800000u)); }
