/* What a photo file says about itself beside its pixels. */
#ifndef STRIAE_BASE_PHOTO_INFO_H
#define STRIAE_BASE_PHOTO_INFO_H

#include <stdbool.h>

/* Where the meaning of the photo's colours comes from. */
enum profile_state {
    PROFILE_MISSING = 0, /* nothing said: taken as sRGB */
    PROFILE_USED,        /* the file's own profile or colour tags */
    PROFILE_BROKEN,      /* there is one, but it cannot be used: taken as sRGB */
};

/* Texts are printable ASCII, "" = unknown; numbers are 0 = unknown. */
struct photo_info {
    const char *format;    /* "jpeg", "png", "tiff", "heic" or "avif", static */
    int bits;              /* per sample in the file: 1..16 */
    int orientation;       /* EXIF 1..8 as found (1 if none); the picture is already upright */
    int jpeg_quality;      /* estimated from the luminance quantisation table, 1..100 */
    bool grey;             /* no colour in the file */
    char captured[24];     /* DateTimeOriginal (or DateTime) as "2026-05-01T10:00:00" */
    char camera[64];       /* make and model */
    char lens[64];         /* LensModel */
    char software[64];     /* program or firmware that wrote the file */
    double exposure;       /* s */
    double f_number;       /* focal length over aperture */
    double iso;            /* sensitivity */
    double focal;          /* mm, as engraved */
    double focal_35;       /* mm, of a 36 x 24 mm picture with the same angle of view */
    bool claims_adobe_rgb; /* EXIF interoperability index R03: Adobe RGB without a profile */
    char profile[64];      /* name of the colours: "sRGB", "Display P3", ... */
    enum profile_state profile_state;
};

#endif
