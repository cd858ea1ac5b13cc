/* The few facts of an EXIF block that striae uses, through libexif. */
#include "io/raster.h"

#include <ctype.h>
#include <libexif/exif-data.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any camera writes outside of JPEG; libexif reads thumbnails and maker notes as well. */
#define LARGEST_BLOCK (1u << 24)

/* The entry's text, printable ASCII without spaces at the ends; "" when it is not text. */
static void entry_text(ExifData *data, ExifIfd ifd, ExifTag tag, char *text, size_t size)
{
    ExifEntry *entry = exif_content_get_entry(data->ifd[ifd], tag);
    size_t length = 0;
    text[0] = 0;
    if (!entry || entry->format != EXIF_FORMAT_ASCII || !entry->data)
        return;
    for (size_t i = 0; i < entry->size && entry->data[i] && length + 1 < size; i++) {
        unsigned char c = entry->data[i];
        if (c > ' ' || length > 0)
            text[length++] = c >= ' ' && c < 127 ? (char)c : '?';
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    text[length] = 0;
}

/* "2026:05:01 10:00:00" to "2026-05-01T10:00:00"; false unless it is a date that exists. */
static bool iso_date(const char *text, char *iso, size_t size)
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

static void read_date(ExifData *data, struct exif_facts *facts)
{
    char text[32];
    entry_text(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, text, sizeof text);
    if (iso_date(text, facts->captured, sizeof facts->captured))
        return;
    entry_text(data, EXIF_IFD_0, EXIF_TAG_DATE_TIME, text, sizeof text);
    if (!iso_date(text, facts->captured, sizeof facts->captured))
        facts->captured[0] = 0;
}

/* Make and model, the make only once: many cameras repeat it in the model. */
static void read_camera(ExifData *data, struct exif_facts *facts)
{
    char make[32], model[32];
    entry_text(data, EXIF_IFD_0, EXIF_TAG_MAKE, make, sizeof make);
    entry_text(data, EXIF_IFD_0, EXIF_TAG_MODEL, model, sizeof model);
    bool repeated = strncasecmp(make, model, strlen(make)) == 0;
    (void)snprintf(facts->camera, sizeof facts->camera, "%s%s%s", repeated ? "" : make,
                   repeated || !model[0] ? "" : " ", model);
}

static void read_orientation(ExifData *data, struct exif_facts *facts)
{
    ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2 || !entry->data)
        return;
    int value = exif_get_short(entry->data, exif_data_get_byte_order(data));
    if (value >= 1 && value <= 8)
        facts->orientation = value;
}

void exif_read(const uint8_t *block, size_t size, struct exif_facts *facts)
{
    *facts = (struct exif_facts){.orientation = 1};
    if (!block || size > LARGEST_BLOCK)
        return;
    ExifData *data = exif_data_new();
    if (!data)
        return;
    /* As found: no tags added, none dropped for being out of place. */
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_unset_option(data, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
    exif_data_load_data(data, block, (unsigned)size);
    read_orientation(data, facts);
    read_date(data, facts);
    read_camera(data, facts);
    exif_data_unref(data);
}
