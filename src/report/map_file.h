/* Maps between photos as files, so that points can be carried over without aligning again.
 *
 * Format, all little-endian, version 1:
 *   offset  0   8 bytes  "STRIAMAP"
 *           8   u32      version = 1
 *          12   u32 x 6  source width, source height, target width, target height, columns, rows
 *          36   f64      step, source px
 *          44   f32      x of every node, row by row (columns * rows values), then y, then error;
 *                        NaN in all three where the map is not known
 *   end - 64   64 bytes  sha256 of everything before, in lower-case hex
 * (`head -c -64 FILE | sha256sum` checks a file by hand.) */
#ifndef STRIAE_REPORT_MAP_FILE_H
#define STRIAE_REPORT_MAP_FILE_H

#include "base/warp.h"

/* The file's bytes, freed with free(). */
striae_status map_encode(const struct warp *warp, unsigned char **data, size_t *size,
                         striae_error *error);
/* *warp is initialised here. DAMAGED for anything but a whole, unchanged file; FORMAT when it is
 * not a map at all; UNSUPPORTED for a later version. name is for the message. */
striae_status map_decode(const void *data, size_t size, const char *name, struct warp *warp,
                         striae_error *error);

#endif
