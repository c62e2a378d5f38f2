#include <shaderc/shaderc.h>
// The version of the compiler behind shaderc, which has no call that tells its own.
#include <glslang/build_info.h>
