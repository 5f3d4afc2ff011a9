/* Named like an action, so that paths could be read in two ways. */
#define DESCRIPTOR "{\"module\":\"get\",\"version\":\"1.0.0\",\"operations\":[]}"
#include "module.h"
