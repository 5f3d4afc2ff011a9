/* Says that it does not run on this host. */
#include "loggia.h"

LG_EXPORT const lg_module *loggia_module_v1(uint32_t host_minor) {
  (void)host_minor;
  return NULL;
}
