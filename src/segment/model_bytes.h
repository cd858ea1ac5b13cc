/* models/segment.model as it is built into the program (models/embed.c writes the definition). */
#ifndef STRIAE_SEGMENT_MODEL_BYTES_H
#define STRIAE_SEGMENT_MODEL_BYTES_H

#include <stddef.h>

extern const unsigned char model_bytes[];
extern const size_t model_bytes_size;

#endif
