// The loader is opened at run time, so that a missing one is an error that
// Swoop can explain, not a failure of the dynamic linker. Hence no prototypes.
#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>
