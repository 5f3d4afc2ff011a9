/* Declares a service that this host does not have. */
#define DESCRIPTOR                                           \
  "{\"module\":\"bad\",\"version\":\"1.0.0\",\"operations\":[]," \
  "\"services\":[{\"id\":\"loggia.oracle\",\"version\":1}]}"
#include "module.h"
