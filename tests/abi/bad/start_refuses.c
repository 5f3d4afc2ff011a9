/* `start` fails. */
#define START start_badly
#include "loggia.h"

static int32_t start_badly(const lg_host *host, void **state) {
  (void)host;
  (void)state;
  return LG_E_REFUSED;
}

#include "module.h"
