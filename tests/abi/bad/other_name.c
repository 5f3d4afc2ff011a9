/* The descriptor's name is not the table's. */
#define DESCRIPTOR "{\"module\":\"good\",\"version\":\"1.0.0\",\"operations\":[]}"
#include "module.h"
