// Reading operands and writing the result, element by element or four at a time.
//
// ELEMENT and QUAD are the operands' type, RESULT_ELEMENT and RESULT_QUAD the result's.
// With CHECKED every index is held against the extent in the block; the first bad one is
// reported, bad loads give 0 and bad stores are dropped.

layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Elements { ELEMENT at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Quads { QUAD at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer ResultElements { RESULT_ELEMENT at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer ResultQuads { RESULT_QUAD at[]; };

ELEMENT load(uint operand, uvec2 address, uint index) {
  ELEMENT value = ELEMENT(0);
  if (permitted(operand, index, 1)) value = Elements(address).at[index];
  return value;
}

QUAD loadQuad(uint operand, uvec2 address, uint quad) {
  QUAD value = QUAD(0);
  if (permitted(operand, quad * 4, 4)) value = Quads(address).at[quad];
  return value;
}

void store(uvec2 address, uint index, RESULT_ELEMENT value) {
  if (permitted(RESULT, index, 1)) ResultElements(address).at[index] = value;
}

void storeQuad(uvec2 address, uint quad, RESULT_QUAD value) {
  if (permitted(RESULT, quad * 4, 4)) ResultQuads(address).at[quad] = value;
}

// What this invocation has stored before.
RESULT_ELEMENT loadResult(uvec2 address, uint index) {
  RESULT_ELEMENT value = RESULT_ELEMENT(0);
  if (permitted(RESULT, index, 1)) value = ResultElements(address).at[index];
  return value;
}

RESULT_QUAD loadResultQuad(uvec2 address, uint quad) {
  RESULT_QUAD value = RESULT_QUAD(0);
  if (permitted(RESULT, quad * 4, 4)) value = ResultQuads(address).at[quad];
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
// at words[sizes ...] and words[strides ...].
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
