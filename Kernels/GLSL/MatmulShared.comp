#version 460
#extension GL_GOOGLE_include_directive : require
#include "Common.glsl"
#include "Matmul.glsl"

// Matrix product through shared memory: for graphics cards.
//
// A workgroup goes through K in slabs of TILE_DEPTH (a multiple of 4). While it
// multiplies one slab, the next is on its way into registers, from where it goes
// into the other half of shared memory: one barrier a slab. Lanes beyond
// LANE_ROWS * LANE_COLUMNS only help to load.

const uint LANES = gl_WorkGroupSize.x;
const bool ALL_MULTIPLY = LANE_ROWS * LANE_COLUMNS >= LANES;
const uint A_STRIDE = (GROUP_ROWS + 3) / 4 + 1;  // one quad more, against bank conflicts
const uint A_QUADS = GROUP_ROWS * TILE_DEPTH / 4;
const uint B_QUADS = GROUP_QUADS * TILE_DEPTH;
const uint A_LOADS = (A_QUADS + LANES - 1) / LANES;
const uint B_LOADS = (B_QUADS + LANES - 1) / LANES;

shared VECTOR4 leftSlab[2 * TILE_DEPTH * A_STRIDE];      // transposed: [k][row]
shared VECTOR4 rightSlab[2 * TILE_DEPTH * GROUP_QUADS];  // [k][column]

void main() {
  Block block = Block(blockAddress);
  Product p;
  if (!place(block, p)) return;
  uint lane = gl_LocalInvocationID.x;
  uint tileRow = lane / LANE_COLUMNS * TILE_ROWS;
  uint tileQuad = lane % LANE_COLUMNS;
  bool multiplies = lane < LANE_ROWS * LANE_COLUMNS;

  // The rows this invocation loads. Rows beyond the last are read as the last.
  Operand left = block.operands[0];
  uvec2 a[A_LOADS];
  uint before[A_LOADS];
  [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
    uint row = min(p.row + (lane + i * LANES) / (TILE_DEPTH / 4), p.rows - 1);
    uint entry = entryOf(p, row);
    before[i] = row * p.aRow;
    a[i] = advanced(entryAddress(left, A_MODE, entry), before[i], 4);
  }
  uvec2 b = entryAddress(block.operands[1], B_MODE, p.slice);

  VECTOR4 sum[TILE_ROWS][TILE_QUADS];
  [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i)
    [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) sum[i][j] = VECTOR4(0);

  VECTOR4 nextLeft[A_LOADS], nextRight[B_LOADS];
  uint current = 0;  // where in shared memory the slab being multiplied begins, in steps of k
  for (uint k = 0; k < p.K + TILE_DEPTH; k += TILE_DEPTH) {
    bool more = k < p.K;
    if (more) {
      [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
        uint first = k + (lane + i * LANES) % (TILE_DEPTH / 4) * 4;
        nextLeft[i] = loadA(p, a[i], before[i], first);
        // A step beyond K adds -0 · 0, which changes no sum, not even -0.
        [[unroll]] for (uint d = 0; d < 4; ++d) if (first + d >= p.K) nextLeft[i][d] = -ELEMENT(0);
      }
      [[unroll]] for (uint i = 0; i < B_LOADS; ++i) {
        uint step = k + (lane + i * LANES) / GROUP_QUADS;
        nextRight[i] = loadB(p, b, min(step, p.K - 1), p.quad + (lane + i * LANES) % GROUP_QUADS);
        if (step >= p.K) nextRight[i] = VECTOR4(0);
      }
    }
    if (k > 0 && (ALL_MULTIPLY || multiplies)) {
      [[unroll]] for (uint d = 0; d < TILE_DEPTH; ++d) {
        ELEMENT column[TILE_ROWS];
        uint at = (current + d) * A_STRIDE;
        if (TILE_ROWS % 4 == 0) {
          [[unroll]] for (uint i = 0; i < TILE_ROWS / 4; ++i) {
            VECTOR4 quad = leftSlab[at + tileRow / 4 + i];
            [[unroll]] for (uint c = 0; c < 4; ++c) column[i * 4 + c] = quad[c];
          }
        } else {
          [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) column[i] = leftSlab[at + (tileRow + i) / 4][(tileRow + i) % 4];
        }
        [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) {
          VECTOR4 quad = rightSlab[(current + d) * GROUP_QUADS + tileQuad + j * LANE_COLUMNS];
          [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) sum[i][j] = multiplyAdd(column[i], quad, sum[i][j]);
        }
      }
    }
    current = TILE_DEPTH - current;
    if (more) {
      [[unroll]] for (uint i = 0; i < A_LOADS; ++i) {
        uint t = lane + i * LANES, row = t / (TILE_DEPTH / 4), step = current + t % (TILE_DEPTH / 4) * 4;
        if (A_QUADS % LANES == 0 || t < A_QUADS) {
          [[unroll]] for (uint d = 0; d < 4; ++d) leftSlab[(step + d) * A_STRIDE + row / 4][row % 4] = nextLeft[i][d];
        }
      }
      [[unroll]] for (uint i = 0; i < B_LOADS; ++i) {
        uint t = lane + i * LANES;
        if (B_QUADS % LANES == 0 || t < B_QUADS) rightSlab[current * GROUP_QUADS + t] = nextRight[i];
      }
    }
    barrier();
  }
  if (!multiplies) return;

  Operand result = block.result;
  VECTOR4 bias[TILE_QUADS];
  if (HAS_BIAS) {
    uvec2 address = entryAddress(block.operands[2], BIAS_MODE, p.slice);
    [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j) bias[j] = loadBias(p, address, p.quad + tileQuad + j * LANE_COLUMNS);
  }
  [[unroll]] for (uint i = 0; i < TILE_ROWS; ++i) {
    uint row = p.row + tileRow + i;
    if (row < p.rows) {
      uint entry = entryOf(p, row);
      uvec2 address = advanced(advanced(result.address, entry, result.stride), row * p.N, 4);
      [[unroll]] for (uint j = 0; j < TILE_QUADS; ++j)
        store(p, address, row, p.quad + tileQuad + j * LANE_COLUMNS, HAS_BIAS ? sum[i][j] + bias[j] : sum[i][j]);
    }
  }
}
