/* Nothing is wrong with this one: it shows that what is refused below is refused for its one fault. */
#include "module.h"
