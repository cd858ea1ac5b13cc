/* The few facts of an EXIF block that striae uses, through libexif. */
#include "io/raster.h"

#include <ctype.h>
#include <libexif/exif-data.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any camera writes outside of JPEG; libexif reads thumbnails and maker notes as well. */
#define LARGEST_BLOCK (1u << 24)

void exif_text(const void *from, size_t length, char *text, size_t size)
{
    const unsigned char *bytes = from;
    size_t used = 0;
    for (size_t i = 0; i < length && bytes[i] && used + 1 < size; i++)
        if (bytes[i] > ' ' || used > 0)
            text[used++] = bytes[i] >= ' ' && bytes[i] < 127 ? (char)bytes[i] : '?';
    while (used > 0 && text[used - 1] == ' ')
        used--;
    text[used] = 0;
}

/* "" when the entry is not text. */
static void entry_text(ExifData *data, ExifIfd ifd, int tag, char *text, size_t size)
{
    ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], (ExifTag)tag);
    text[0] = 0;
    if (entry && entry->format == EXIF_FORMAT_ASCII && entry->data)
        exif_text(entry->data, entry->size, text, size);
}

/* A positive number; `otherwise` when there is none. */
static double entry_number(ExifData *data, ExifIfd ifd, int tag, double otherwise)
{
    ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], (ExifTag)tag);
    ExifByteOrder order = exif_data_get_byte_order(data);
    double value = 0;
    if (!entry || !entry->data || entry->components < 1)
        return otherwise;
    if (entry->format == EXIF_FORMAT_RATIONAL && entry->size >= 8) {
        ExifRational r = exif_get_rational(entry->data, order);
        value = r.denominator ? (double)r.numerator / r.denominator : 0;
    } else if (entry->format == EXIF_FORMAT_SHORT && entry->size >= 2) {
        value = exif_get_short(entry->data, order);
    } else if (entry->format == EXIF_FORMAT_LONG && entry->size >= 4) {
        value = exif_get_long(entry->data, order);
    }
    return value > 0 ? value : otherwise;
}

bool exif_date(const char *text, char *iso, size_t size)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char form[] = "dddd:dd:dd dd:dd:dd";
    if (strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (sscanf(text, "%d:%d:%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second) != 6)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1900 || month < 1 || month > 12 || day < 1 || day > days[month - 1] ||
        (month == 2 && day == 29 && !leap) || hour > 23 || minute > 59 || second > 59)
        return false;
    return snprintf(iso, size, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute,
                    second) < (int)size;
}

static void read_date(ExifData *data, struct photo_info *info)
{
    char text[32], iso[sizeof info->captured];
    entry_text(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, text, sizeof text);
    if (!exif_date(text, iso, sizeof iso)) {
        entry_text(data, EXIF_IFD_0, EXIF_TAG_DATE_TIME, text, sizeof text);
        if (!exif_date(text, iso, sizeof iso))
            return;
    }
    memcpy(info->captured, iso, sizeof iso);
}

void exif_camera(const char *make, const char *model, struct photo_info *info)
{
    bool repeated = strncasecmp(make, model, strlen(make)) == 0;
    if (make[0] || model[0])
        (void)snprintf(info->camera, sizeof info->camera, "%.31s%s%.31s", repeated ? "" : make,
                       repeated || !model[0] ? "" : " ", model);
}

static void read_texts(ExifData *data, struct photo_info *info)
{
    char make[32], model[32], text[64];
    entry_text(data, EXIF_IFD_0, EXIF_TAG_MAKE, make, sizeof make);
    entry_text(data, EXIF_IFD_0, EXIF_TAG_MODEL, model, sizeof model);
    exif_camera(make, model, info);
    entry_text(data, EXIF_IFD_EXIF, EXIF_TAG_LENS_MODEL, text, sizeof text);
    if (text[0])
        memcpy(info->lens, text, sizeof text);
    entry_text(data, EXIF_IFD_0, EXIF_TAG_SOFTWARE, text, sizeof text);
    if (text[0])
        memcpy(info->software, text, sizeof text);
}

static void read_numbers(ExifData *data, struct photo_info *info)
{
    int turn = (int)entry_number(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION, 0);
    if (turn >= 1 && turn <= 8)
        info->orientation = turn;
    info->exposure = entry_number(data, EXIF_IFD_EXIF, EXIF_TAG_EXPOSURE_TIME, info->exposure);
    info->f_number = entry_number(data, EXIF_IFD_EXIF, EXIF_TAG_FNUMBER, info->f_number);
    info->iso = entry_number(data, EXIF_IFD_EXIF, EXIF_TAG_ISO_SPEED_RATINGS, info->iso);
    info->focal = entry_number(data, EXIF_IFD_EXIF, EXIF_TAG_FOCAL_LENGTH, info->focal);
    info->focal_35 =
        entry_number(data, EXIF_IFD_EXIF, EXIF_TAG_FOCAL_LENGTH_IN_35MM_FILM, info->focal_35);
    char index[8];
    entry_text(data, EXIF_IFD_INTEROPERABILITY, EXIF_TAG_INTEROPERABILITY_INDEX, index,
               sizeof index);
    info->claims_adobe_rgb = strcmp(index, "R03") == 0;
}

void exif_read(const uint8_t *block, size_t size, struct photo_info *info)
{
    if (!block || size > LARGEST_BLOCK)
        return;
    ExifData *data = exif_data_new();
    if (!data)
        return;
    /* As found: no tags added, none dropped for being out of place. */
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_unset_option(data, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
    exif_data_load_data(data, block, (unsigned)size);
    read_numbers(data, info);
    read_date(data, info);
    read_texts(data, info);
    exif_data_unref(data);
}
