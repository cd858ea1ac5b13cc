#include "colour/colour.h"
