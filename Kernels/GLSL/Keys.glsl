// Elements as integers of the same order. NaN is above all, and the two zeros are one.

const int HIGHEST_KEY = 0x7fffffff;

int keyOf(int x) { return x; }
int keyOf(float x) {
  int bits = floatBitsToInt(x);
  int magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return HIGHEST_KEY;
  if (magnitude == 0) return 0;
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}

// In the reverse order, but NaN is above all again.
int reversedKeyOf(int x) { return ~x; }
int reversedKeyOf(float x) {
  int key = keyOf(x);
  return key == HIGHEST_KEY ? key : ~key;
}
