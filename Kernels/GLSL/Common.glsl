// What every kernel shares: the argument block, operand modes, and checked access.
//
// A dispatch gets one push constant, the address of its argument block. The
// block's first words are the grid of an indirect dispatch. An entry is one
// operation of the batch; all entries of a dispatch have the same signature.
//
// Addresses are uvec2 (low, high) and are cast to a buffer reference once, at
// the point of use: SwiftShader has no 64-bit integers and cannot join two
// branches that each produce a buffer reference.

#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_EXT_control_flow_attributes : require

#ifdef KEEP_NANS
// SignedZeroInfNanPreserve for 32 bits: NVIDIA's compiler otherwise takes x < 0 ? 0 : x for max(x, 0),
// which loses a NaN.
#extension GL_EXT_spirv_intrinsics : require
spirv_execution_mode(extensions = ["SPV_KHR_float_controls"], capabilities = [4466], 4461, 32);
#endif

// How the entries of a batch find an operand.
const uint SHARED = 0;   // all entries read the same tensor
const uint STRIDED = 1;  // entry i is at address + i * stride bytes
const uint TABLE = 2;    // address points to a table of addresses, one an entry

struct Operand {
  uvec2 address;
  uint stride;  // bytes from one entry to the next (STRIDED)
  uint extent;  // elements an entry may touch, counted from its address
};

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Block {
  uint gridX, gridY, gridZ;  // VkDispatchIndirectCommand
  uint batch;                // entries
  uvec2 report;              // checked mode: where the first bad access goes
  uvec2 indexReports;        // operations with indices: an IndexReport for each entry
  Operand result;            // always STRIDED
  Operand operands[3];
  uint words[];              // what the family needs: sizes, strides, counts
};

layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer Table { uvec2 entries[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Report { uint first; uint operand; uint index; uint extent; };

layout(push_constant) uniform Push { uvec2 blockAddress; };

uvec2 advanced(uvec2 address, uint count, uint bytes) {
  uint high, low, carry;
  umulExtended(count, bytes, high, low);
  low = uaddCarry(address.x, low, carry);
  return uvec2(low, address.y + high + carry);
}

uvec2 entryAddress(Operand operand, uint mode, uint entry) {
  if (mode == TABLE) return Table(operand.address).entries[entry];
  return advanced(operand.address, mode == STRIDED ? entry : 0u, operand.stride);
}

// How the report names the result; operands are 0, 1, 2.
const uint RESULT = 3;

#ifdef CHECKED
// How many elements there are, of each operand and the result.
uint extentOf(uint operand) {
  Block block = Block(blockAddress);
  uint extent = block.result.extent;
  if (operand != RESULT) extent = block.operands[operand].extent;
  return extent;
}

void reportAccess(uint operand, uint index, uint extent) {
  Report report = Report(Block(blockAddress).report);
  if (atomicCompSwap(report.first, 0, 1) == 0) {
    report.operand = operand;
    report.index = max(index, extent);
    report.extent = extent;
  }
}
#endif

#ifdef CHECKED_AT_THE_END
// Extents are read once and a report is written once, by a main of its own (CheckedMain.glsl): with
// both at every access software drivers would take four times as long to compile a kernel.
#define main checkedMain
uint extents[4];
bool hasTrespassed = false;
uvec3 trespass;  // operand, index, extent
#endif

// Whether elements index ..< index + count may be touched, of so many counted from the entry's
// address.
bool permitted(uint operand, uint index, uint count, uint extent) {
#ifdef CHECKED
  if (index < extent && count <= extent - index) return true;
#ifdef CHECKED_AT_THE_END
  if (!hasTrespassed) trespass = uvec3(operand, index, extent);
  hasTrespassed = true;
#else
  reportAccess(operand, index, extent);
#endif
  return false;
#else
  return true;
#endif
}

// The same where the block says how many there are.
bool permitted(uint operand, uint index, uint count) {
#ifdef CHECKED_AT_THE_END
  return permitted(operand, index, count, extents[operand]);
#elif defined(CHECKED)
  return permitted(operand, index, count, extentOf(operand));
#else
  return true;
#endif
}
