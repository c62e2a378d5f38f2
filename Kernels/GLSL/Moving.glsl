// Moving elements whatever they are: as words, halves or bytes, which ENCODING_0 and
// RESULT_ENCODING are named for. So NaNs keep their payloads, and types of one width a pipeline.

#include "Access.glsl"

// Elements 4 · quad … of the result, the first `count` of which are its own.
void storeBits(uvec2 address, uint quad, uvec4 bits, uint count) {
  if (!permitted(RESULT, quad * 4, count)) return;
  uint bytes = bytesOf(RESULT_ENCODING);
  if (bytes == 1u) {
    ResultWords(address).at[quad] = packBytes(bits);
  } else if (bytes == 2u) {
    ResultPairWords(address).at[quad] = packHalves(bits);
  } else if (count == 4) {
    ResultQuadWords(address).at[quad] = bits;
  } else {
    [[unroll]] for (uint c = 0; c < 4; ++c)
      if (c < count) ResultWords(address).at[quad * 4 + c] = bits[c];
  }
}
