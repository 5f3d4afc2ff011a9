/* Needs a function that nobody has. */
#include "loggia.h"

extern const lg_module *made_elsewhere(void);

LG_EXPORT const lg_module *loggia_module_v1(uint32_t host_minor) {
  (void)host_minor;
  return made_elsewhere();
}
