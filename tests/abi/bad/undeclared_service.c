/* Wants the database without having declared it. */
#define START start_badly
#include "loggia.h"

static int32_t start_badly(const lg_host *host, void **state) {
  *state = NULL;
  return host->service(host->context, "loggia.database", 1) == NULL ? LG_E_UNSUPPORTED : LG_OK;
}

#include "module.h"
