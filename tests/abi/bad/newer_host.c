/* Cannot live with a host as old as this one. */
#define MIN_HOST_MINOR 99
#include "module.h"
