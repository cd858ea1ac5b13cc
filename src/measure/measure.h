/* Measures striae and their change. */
#ifndef STRIAE_MEASURE_H
#define STRIAE_MEASURE_H

#include "base/result.h"

#endif
