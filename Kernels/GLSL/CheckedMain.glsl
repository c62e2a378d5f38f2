// The end of a kernel of the library in checked mode.
#undef main
void main() {
  [[unroll]] for (uint operand = 0; operand < 4; ++operand) extents[operand] = extentOf(operand);
  checkedMain();
  if (hasTrespassed) reportAccess(trespass.x, trespass.y, trespass.z);
}
