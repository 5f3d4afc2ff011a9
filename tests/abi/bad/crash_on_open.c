/* Crashes while it is opened, before anybody has called it. */
#include <stdlib.h>

#include "module.h"

__attribute__((constructor)) static void crash(void) { abort(); }
