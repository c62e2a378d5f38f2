// What the two matrix-product kernels share.
//
//   result[e] = activation(A[e] · B[e] + bias[e])    A: M×K, B: K×N, bias: N
//
// Each element of the result is accumulated in one order, whatever the kernel,
// the tile and the batch: 0, then one multiply-add for every k, ascending; then
// + bias; then the activation. So all of them give bitwise the same result.
//
// An invocation computes TILE_ROWS rows of TILE_QUADS · 4 columns; a workgroup is
// LANE_COLUMNS invocations wide. Neighbours take neighbouring quads of columns.

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;  // y = z = 1
layout(constant_id = 3) const uint A_MODE = 0;
layout(constant_id = 4) const uint B_MODE = 0;
layout(constant_id = 5) const uint BIAS_MODE = 0;
layout(constant_id = 6) const bool HAS_BIAS = false;
layout(constant_id = 7) const uint ACTIVATION = 0;      // 0 none, 1 relu
layout(constant_id = 8) const bool VECTOR_A = false;    // aK = 1, aRow % 4 = 0, K % 4 = 0, rows aligned to 16 bytes
layout(constant_id = 9) const bool VECTOR_B = false;    // bN = 1, bK % 4 = 0, N % 4 = 0, aligned; bias and result too
layout(constant_id = 10) const bool GATHER_ROWS = false;  // the rows of all entries are one tall matrix
layout(constant_id = 11) const uint LANE_ROWS = 1;
layout(constant_id = 12) const uint LANE_COLUMNS = 8;
#ifndef TILE_ROWS  // SwiftShader unrolls nothing itself: there all three are macros
layout(constant_id = 13) const uint TILE_ROWS = 1;
layout(constant_id = 14) const uint TILE_QUADS = 1;
layout(constant_id = 15) const uint TILE_DEPTH = 4;
#endif

const uint GROUP_ROWS = LANE_ROWS * TILE_ROWS;
const uint GROUP_QUADS = LANE_COLUMNS * TILE_QUADS;

layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Elements { ELEMENT at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Quads { VECTOR4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer ResultElements { ELEMENT at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) writeonly buffer ResultQuads { VECTOR4 at[]; };

vec4 multiplyAdd(float a, vec4 b, vec4 sum) { return fma(vec4(a), b, sum); }
ivec4 multiplyAdd(int a, ivec4 b, ivec4 sum) { return a * b + sum; }

// A value below 0 becomes 0; NaN and -0 pass.
vec4 relu(vec4 x) { return mix(x, vec4(0), lessThan(x, vec4(0))); }
ivec4 relu(ivec4 x) { return max(x, ivec4(0)); }

// Which operand a checked access is to.
const uint A = 0, B = 1, BIAS = 2;

// The loads below read at an address; `before` is how many elements the address
// already lies behind that of the entry, for the check alone.
ELEMENT load(uint operand, uvec2 address, uint before, uint index) {
  ELEMENT value = ELEMENT(0);
  if (permitted(operand, before + index, 1)) value = Elements(address).at[index];
  return value;
}

#ifdef WIDE_LOADS
// As Access.glsl has it.
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Halves { double at[]; };
void fromBits(uvec4 bits, out vec4 value) { value = uintBitsToFloat(bits); }
void fromBits(uvec4 bits, out ivec4 value) { value = ivec4(bits); }
#endif

VECTOR4 loadQuad(uint operand, uvec2 address, uint before, uint quad) {
  VECTOR4 value = VECTOR4(0);
  if (permitted(operand, before + quad * 4, 4)) {
#ifdef WIDE_LOADS
    Halves halves = Halves(address);
    fromBits(uvec4(unpackDouble2x32(halves.at[quad * 2]), unpackDouble2x32(halves.at[quad * 2 + 1])), value);
#else
    value = Quads(address).at[quad];
#endif
  }
  return value;
}

// Sizes and strides, read once.
struct Product {
  uint M, N, K;
  uint aRow, aK, bK, bN;  // in elements
  uint rows;              // of a slice: M, or M · entries where rows are gathered
  uint slice;
  uint row, quad;         // where the workgroup's tile begins
};

// False for a workgroup beyond the last tile: the grid is a linear count folded into three dimensions.
bool place(Block block, out Product p) {
  p.M = block.words[0];
  p.N = block.words[1];
  p.K = block.words[2];
  p.aRow = block.words[3];
  p.aK = block.words[4];
  p.bK = block.words[5];
  p.bN = block.words[6];
  uint rowTiles = block.words[7];
  uint columnTiles = block.words[8];
  p.rows = GATHER_ROWS ? p.M * block.batch : p.M;
  uint group = gl_WorkGroupID.x + gl_NumWorkGroups.x * (gl_WorkGroupID.y + gl_NumWorkGroups.y * gl_WorkGroupID.z);
  uint tile = group / columnTiles;
  p.quad = (group - tile * columnTiles) * GROUP_QUADS;
  p.slice = tile / rowTiles;
  p.row = (tile - p.slice * rowTiles) * GROUP_ROWS;
  return p.slice < (GATHER_ROWS ? 1 : block.batch);
}

// The entry a row of the slice belongs to; the row becomes the entry's own.
uint entryOf(Product p, inout uint row) {
  if (!GATHER_ROWS) return p.slice;
  uint entry = row / p.M;
  row -= entry * p.M;
  return entry;
}

// Elements k ..< k + 4 of a row of A, k a multiple of 4. Beyond K the last are read.
VECTOR4 loadA(Product p, uvec2 address, uint before, uint k) {
  if (VECTOR_A) return loadQuad(A, address, before, min(k, p.K - 4) / 4);
  VECTOR4 value;
  [[unroll]] for (uint d = 0; d < 4; ++d) value[d] = load(A, address, before, min(k + d, p.K - 1) * p.aK);
  return value;
}

// Columns beyond the last are read as the last, and not stored.
VECTOR4 loadB(Product p, uvec2 address, uint k, uint quad) {
  if (VECTOR_B) return loadQuad(B, address, 0, k * (p.bK / 4) + min(quad, p.N / 4 - 1));
  VECTOR4 value;
  [[unroll]] for (uint c = 0; c < 4; ++c)
    value[c] = load(B, address, 0, k * p.bK + min(quad * 4 + c, p.N - 1) * p.bN);
  return value;
}

VECTOR4 loadBias(Product p, uvec2 address, uint quad) {
  if (VECTOR_B) return loadQuad(BIAS, address, 0, min(quad, p.N / 4 - 1));
  VECTOR4 value;
  [[unroll]] for (uint c = 0; c < 4; ++c) value[c] = load(BIAS, address, 0, min(quad * 4 + c, p.N - 1));
  return value;
}

void store(Product p, uvec2 address, uint row, uint quad, VECTOR4 value) {
  if (ACTIVATION == 1) value = relu(value);
  uint before = row * p.N;
  if (VECTOR_B) {
    if (quad < p.N / 4 && permitted(RESULT, before + quad * 4, 4)) ResultQuads(address).at[quad] = value;
  } else {
    [[unroll]] for (uint c = 0; c < 4; ++c) {
      uint n = quad * 4 + c;
      if (n < p.N && permitted(RESULT, before + n, 1)) ResultElements(address).at[n] = value[c];
    }
  }
}
