/* Built for the next major: the entry symbol has another name. */
#define MAJOR 2
#define ENTRY loggia_module_v2
#include "module.h"
