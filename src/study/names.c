#include "study/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS    "_- ."
#define SESSION_LIMIT 99999

struct word {
    const char *text;
    int session;
};

/* The accented forms are there in both of Unicode's spellings (composed, and as macOS writes it).
 */
static const struct word words[] = {
    {"before", 0},
    {"pre", 0},
    {"vorher", 0},
    {"avant", 0},
    {"antes", 0},
    {"after", 1},
    {"post", 1},
    {"nachher", 1},
    {"apres", 1},
    {"depois", 1},
    {"despues", 1},
    {"apr\xc3\xa8s", 1},
    {"apre\xcc\x80s", 1},
    {"despu\xc3\xa9s", 1},
    {"despue\xcc\x81s", 1},
};
#define WORD_COUNT (sizeof words / sizeof words[0])

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A whole number of length characters, or -1. */
static int read_number(const char *text, size_t length)
{
    if (length == 0) {
        return -1;
    }
    int number = 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i])) {
            return -1;
        }
        number = 10 * number + (text[i] - '0');
        if (number > SESSION_LIMIT) {
            return -1;
        }
    }
    return number;
}

/* The session that a whole token names ("before", "t2"), or -1. */
static int token_session(const char *token, size_t length)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (strlen(words[i].text) == length && strncasecmp(token, words[i].text, length) == 0) {
            return words[i].session;
        }
    }
    return lower(token[0]) == 't' ? read_number(token + 1, length - 1) : -1;
}

/* The session that an entity "ses-N" names, or -1. */
static int entity_session(const char *token, size_t length)
{
    if (length <= 4 || strncasecmp(token, "ses-", 4) != 0) {
        return -1;
    }
    int number = read_number(token + 4, length - 4);
    return number >= 0 ? number : token_session(token + 4, length - 4);
}

/* The next token of text at or after *at, delimited by any of separators; false at the end. */
static bool next_token(const char *text, const char *separators, size_t *at, size_t *length)
{
    *at += strspn(text + *at, separators);
    *length = strcspn(text + *at, separators);
    return *length > 0;
}

/* Cuts length characters at `at` out of text, with the separators left over beside them. */
static void cut(char *text, size_t at, size_t length)
{
    size_t end = at + length;
    end += strspn(text + end, SEPARATORS);
    if (text[end] == '\0') {
        while (at > 0 && strchr(SEPARATORS, text[at - 1])) {
            at--;
        }
    }
    memmove(text + at, text + end, strlen(text + end) + 1);
}

/* A session word glued to the start or end of the stem, the longest first ("despues" holds none of
 * the others, but a rule is better than luck). */
static bool find_glued(const char *stem, size_t *at, size_t *length, int *session)
{
    size_t size = strlen(stem);
    size_t best = 0;
    for (size_t i = 0; i < WORD_COUNT; i++) {
        size_t n = strlen(words[i].text);
        if (n >= size || n <= best) {
            continue;
        }
        bool tail = strcasecmp(stem + size - n, words[i].text) == 0;
        if (tail || strncasecmp(stem, words[i].text, n) == 0) {
            best = n;
            *at = tail ? size - n : 0;
            *length = n;
            *session = words[i].session;
        }
    }
    if (best > 0) {
        return true;
    }
    size_t digits = size;
    while (digits > 0 && is_digit(stem[digits - 1])) {
        digits--;
    }
    if (digits < 2 || digits == size || lower(stem[digits - 1]) != 't') {
        return false;
    }
    /* p01t0 and annaT0, but not cat0 */
    char before = stem[digits - 2];
    if (is_letter(before) && !(stem[digits - 1] == 'T' && before == lower(before))) {
        return false;
    }
    *at = digits - 1;
    *length = size - *at;
    *session = read_number(stem + digits, size - digits);
    return *session >= 0;
}

/* Finds and cuts the session word out of the stem of a plain name; -1 when there is none. */
static int take_session_word(char *stem)
{
    size_t at = 0, length = 0, found_at = 0, found_length = 0;
    int found = -1;
    while (next_token(stem, SEPARATORS, &at, &length)) { /* the last one counts */
        int session = token_session(stem + at, length);
        if (session >= 0) {
            found = session;
            found_at = at;
            found_length = length;
        }
        at += length;
    }
    if (found < 0 && !find_glued(stem, &found_at, &found_length, &found)) {
        return -1;
    }
    cut(stem, found_at, found_length);
    return found;
}

static striae_status copy_text(const char *text, size_t length, char **out, striae_error *error)
{
    free(*out);
    *out = strndup(text, length);
    return *out ? STRIAE_OK : fail_memory(error);
}

/* Reads the entities of a stem and cuts ses-N out of it. */
static striae_status take_entities(char *stem, struct photo_name *name, striae_error *error)
{
    struct {
        const char *prefix;
        char **value;
    } known[] = {{"sub-", &name->subject},
                 {"site-", &name->site},
                 {"side-", &name->side},
                 {"arm-", &name->arm}};
    size_t at = 0, length = 0;
    size_t session_at = 0, session_length = 0;
    while (next_token(stem, "_", &at, &length)) {
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            size_t n = strlen(known[i].prefix);
            if (length > n && strncasecmp(stem + at, known[i].prefix, n) == 0) {
                striae_status status = copy_text(stem + at + n, length - n, known[i].value, error);
                if (status != STRIAE_OK) {
                    return status;
                }
            }
        }
        int session = entity_session(stem + at, length);
        if (session >= 0) {
            name->session = session;
            session_at = at;
            session_length = length;
        }
        at += length;
    }
    if (name->session >= 0) {
        name->numbered = true;
        cut(stem, session_at, session_length);
    }
    return STRIAE_OK;
}

/* Removes from the folders ("a/b/") every one that is nothing but a session's name, as long as it
 * does not contradict `session`; the deepest decides where session is -1. Returns the session. */
static int take_session_folders(char *folders, int session, bool *numbered)
{
    size_t end = strlen(folders);
    while (end > 0) {
        size_t start = end - 1; /* the '/' that ends this folder */
        while (start > 0 && folders[start - 1] != '/') {
            start--;
        }
        size_t length = end - 1 - start;
        int entity = entity_session(folders + start, length);
        int here = entity >= 0 || length == 0 ? entity : token_session(folders + start, length);
        if (here >= 0 && (session < 0 || session == here)) {
            *numbered = session < 0 ? entity >= 0 : *numbered;
            session = here;
            memmove(folders + start, folders + end, strlen(folders + end) + 1);
        }
        end = start;
    }
    return session;
}

/* folders + stem without a '/' or separator left at the end. */
static char *joined(const char *folders, const char *stem)
{
    size_t size = strlen(folders) + strlen(stem) + 1;
    char *text = malloc(size);
    if (!text) {
        return NULL;
    }
    stpcpy(stpcpy(text, folders), stem);
    size_t length = strlen(text);
    while (length > 0 && strchr(SEPARATORS "/", text[length - 1])) {
        text[--length] = '\0';
    }
    return text;
}

static void split_path(const char *path, size_t *folders, size_t *stem)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    *folders = (size_t)(base - path);
    *stem = dot && dot > base ? (size_t)(dot - base) : strlen(base);
}

striae_status name_read(const char *path, struct photo_name *name, striae_error *error)
{
    *name = (struct photo_name){.session = -1};
    size_t folders_length, stem_length;
    split_path(path, &folders_length, &stem_length);
    char *folders = strndup(path, folders_length);
    char *stem = strndup(path + folders_length, stem_length);
    char **texts[] = {&name->subject, &name->arm, &name->site, &name->side};
    striae_status status = folders && stem ? STRIAE_OK : fail_memory(error);
    for (size_t i = 0; i < 4 && status == STRIAE_OK; i++) {
        status = copy_text("", 0, texts[i], error);
    }
    if (status != STRIAE_OK) {
        goto done;
    }
    status = take_entities(stem, name, error);
    if (status != STRIAE_OK) {
        goto done;
    }
    if (name->session < 0) {
        name->session = take_session_word(stem);
    }
    name->session = take_session_folders(folders, name->session, &name->numbered);
    name->key = joined(folders, stem);
    if (!name->key) {
        status = fail_memory(error);
        goto done;
    }
    if (name->subject[0] == '\0') {
        status = copy_text(name->key, strlen(name->key), &name->subject, error);
    }
    for (char *c = name->key; *c; c++) {
        *c = lower(*c);
    }
done:
    free(folders);
    free(stem);
    if (status != STRIAE_OK) {
        name_free(name);
    }
    return status;
}

void name_free(struct photo_name *name)
{
    free(name->subject);
    free(name->arm);
    free(name->site);
    free(name->side);
    free(name->key);
    *name = (struct photo_name){.session = -1};
}

bool name_has_photo_extension(const char *path)
{
    static const char *const extensions[] = {"jpg",  "jpeg", "jpe", "png", "tif", "tiff", "heic",
                                             "heif", "webp", "bmp", "dng", "cr2", "cr3",  "nef",
                                             "arw",  "raf",  "orf", "rw2", "avif"};
    const char *dot = strrchr(path, '.');
    if (!dot || strchr(dot, '/')) {
        return false;
    }
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        if (strcasecmp(dot + 1, extensions[i]) == 0) {
            return true;
        }
    }
    return false;
}

size_t name_derived_stem(const char *path)
{
    static const char *const suffixes[] = {"_mask", "_id", "_labels", "_overlay", "_skin"};
    size_t folders, stem;
    split_path(path, &folders, &stem);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t n = strlen(suffixes[i]);
        if (stem > n && strncasecmp(path + folders + stem - n, suffixes[i], n) == 0) {
            return folders + stem - n;
        }
    }
    return 0;
}

#define FOLDER_NAME_LIMIT 100

char *name_for_folder(const char *text)
{
    size_t length = strlen(text);
    char *name = malloc(length + 8);
    if (!name) {
        return NULL;
    }
    size_t size = 0;
    for (const char *c = text; *c; c++) {
        bool safe = is_letter(*c) || is_digit(*c) || *c == '-' || *c == '.' || *c == '+';
        char out = safe ? *c : '_';
        if (size == 0 && strchr("_-.+", out)) {
            continue; /* neither hidden nor taken for an option */
        }
        if (out == '_' && name[size - 1] == '_') {
            continue;
        }
        name[size++] = out;
    }
    if (size > FOLDER_NAME_LIMIT) {
        size = FOLDER_NAME_LIMIT;
        while (size > 0 && ((unsigned char)name[size] & 0xC0) == 0x80) {
            size--;
        }
    }
    while (size > 0 && strchr("_. ", name[size - 1])) {
        size--;
    }
    name[size] = '\0';
    if (size == 0) {
        strcpy(name, "pair");
    }
    return name;
}
