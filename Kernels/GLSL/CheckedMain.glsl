// The end of a kernel of the library in checked mode.
#undef main
void main() {
  extents[0] = extentOf(0);
  extents[1] = extentOf(1);
  extents[2] = extentOf(2);
  extents[RESULT] = extentOf(RESULT);
  checkedMain();
  if (hasTrespassed) reportAccess(trespass.x, trespass.y, trespass.z);
}
