#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Matmul.glsl"

// Matrix product in registers alone: for drivers on the CPU, and for few rows anywhere.
//
// TILE_DEPTH (a multiple of 4) steps of k are taken together: the loads come
// first, and each sum is fetched and put back once for all of them.
void main() {
  Block block = Block(blockAddress);
  Product p;
  if (!place(block, p)) return;
  uint row0 = p.row + gl_LocalInvocationID.x / LANE_COLUMNS * TILE_ROWS;
  uint quad0 = p.quad + gl_LocalInvocationID.x % LANE_COLUMNS;

  // Rows beyond the last are read as the last, and not stored.
  Operand left = block.operands[0];
  uvec2 a[TILE_ROWS];
  uint before[TILE_ROWS];
  [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) {
    uint row = min(row0 + i, p.rows - 1);
    uint entry = entryOf(p, row);
    before[i] = row * p.aRow;
    a[i] = advanced(entryAddress(left, A_MODE, entry), before[i], 4);
  }
  uvec2 b = entryAddress(block.operands[1], B_MODE, p.slice);

  VECTOR4 sum[TILE_ROWS][TILE_QUADS];
  [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i)
    [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) sum[i][j] = VECTOR4(0);

  uint k = 0;
  for (; k + TILE_DEPTH <= p.K; k += TILE_DEPTH) {
    VECTOR4 right[TILE_DEPTH][TILE_QUADS];
    [[unroll]] for (uint d = 0; d < TILE_DEPTH; ++d)
      [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) right[d][j] = loadB(p, b, k + d, quad0 + j * LANE_COLUMNS);
    [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) {
      VECTOR4 row[TILE_DEPTH / 4];
      [[unroll]] for (uint d = 0; d < TILE_DEPTH / 4; ++d) row[d] = loadA(p, a[i], before[i], k + d * 4);
      [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j)
        [[unroll]] for (uint d = 0; d < TILE_DEPTH; ++d)
          sum[i][j] = multiplyAdd(row[d / 4][d % 4], right[d][j], sum[i][j]);
    }
  }
  for (; k < p.K; ++k) {
    VECTOR4 right[TILE_QUADS];
    [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) right[j] = loadB(p, b, k, quad0 + j * LANE_COLUMNS);
    [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) {
      ELEMENT element = load(A, a[i], before[i], k * p.aK);
      [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) sum[i][j] = multiplyAdd(element, right[j], sum[i][j]);
    }
  }

  VECTOR4 bias[TILE_QUADS];
  if (HAS_BIAS) {
    uvec2 address = entryAddress(block.operands[2], BIAS_MODE, p.slice);
    [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) bias[j] = loadBias(p, address, quad0 + j * LANE_COLUMNS);
  }
  Operand result = block.result;
  [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) {
    uint row = row0 + i;
    if (row < p.rows) {
      uint entry = entryOf(p, row);
      uvec2 address = advanced(advanced(result.address, entry, result.stride), row * p.N, 4);
      [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j)
        store(p, address, row, quad0 + j * LANE_COLUMNS, HAS_BIAS ? sum[i][j] + bias[j] : sum[i][j]);
    }
  }
}
