#include "align/align.h"
