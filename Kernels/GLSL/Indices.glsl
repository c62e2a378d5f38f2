// Indices in tensors. Negative ones count from the end; of those that are out of range the first
// is reported to the entry's reader, in checked mode or not.

// For each of the 16 digits of an index to the base 4, and each value that it may have, the lowest
// position with a bad index that has it there; 0xffffffff: none.
layout(buffer_reference, std430, buffer_reference_align = 16) buffer IndexReport { uint lowest[64]; };

// The lowest position wins, whatever the order in which invocations come, and its index is where
// all digits have it: without a lock or a loop, which drivers on processors do not stand.
void reportIndex(Block block, uint entry, int index, uint position) {
  IndexReport report = IndexReport(advanced(block.indexReports, entry, 256));
  [[unroll]] for (uint digit = 0; digit < 16; ++digit)
    atomicMin(report.lowest[digit * 4 + (uint(index) >> digit * 2 & 3)], position);
}

// Whether the index is one of `size` elements, and which.
bool resolve(Block block, uint entry, int index, uint size, uint position, out uint place) {
  place = index < 0 ? uint(index) + size : uint(index);
  // A negative one that is too small wraps around to what is too large.
  bool isGood = index < 0 ? uint(-(index + 1)) < size : place < size;
  if (!isGood) {
    place = 0;
    reportIndex(block, entry, index, position);
  }
  return isGood;
}
