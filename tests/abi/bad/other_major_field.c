/* The symbol is this major's, the table says another. */
#define MAJOR 2
#include "module.h"
