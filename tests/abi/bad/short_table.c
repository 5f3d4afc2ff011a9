/* The table ends before the functions. */
#define SIZE offsetof(lg_module, start)
#include "module.h"
