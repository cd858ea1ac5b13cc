#include "calibrate/calibrate.h"
