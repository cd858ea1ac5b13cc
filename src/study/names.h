/* What the name of a photo says about it.
 *
 * Two forms are read; case does not matter, and folders count as part of the name:
 * - entities as in BIDS: sub-01_site-abdomen_side-L_ses-0.jpg, joined by '_', with ses-N (a number,
 *   or a word of the second form) and any others;
 * - a word for the session: before, pre, vorher, avant, antes (session 0) or after, post, nachher,
 *   apres, depois, despues (session 1), or tN (session N). The word stands between separators
 *   ('_', '-', ' ', '.') anywhere in the name, or at its start or end without one; tN without a
 *   separator only where it cannot be part of a word (p01t0, annaT0).
 * If the file's own name says nothing, a folder named before, t0, ses-0, ... does. */
#ifndef STRIAE_STUDY_NAMES_H
#define STRIAE_STUDY_NAMES_H

#include "base/status.h"

struct photo_name {
    char *subject, *arm, *site, *side; /* "" = not said; owned */
    char *key;     /* lower case, the name without its session: the same for photos to be compared;
                      owned */
    int session;   /* -1 = not said */
    bool numbered; /* said by ses-N */
};

/* path: relative, '/' between folders. *name is zeroed on failure (MEMORY). */
striae_status name_read(const char *path, struct photo_name *name, striae_error *error);
void name_free(struct photo_name *name);

/* Whether the extension is one of a photo (jpg, jpeg, jpe, png, tif, tiff, heic, heif, webp, bmp,
 * dng and other raw formats), read by this build or not. */
bool name_has_photo_extension(const char *path);

/* The stem's length without a suffix that names a picture made from a photo (_mask, _id, _labels,
 * _overlay, _skin), or 0. before_mask.png gives the length of "before". */
size_t name_derived_stem(const char *path);

/* A folder name made from text that is safe on every file system: separators and signs become '_',
 * never empty, at most 100 bytes, never cut inside a UTF-8 character. NULL without memory. */
char *name_for_folder(const char *text);

#endif
