/* The descriptor is cut off. */
#define DESCRIPTOR "{\"module\":\"bad\",\"version\":"
#include "module.h"
