/* Bytes, through a file in the test's own folder, as a photo. */
#ifndef STRIAE_TEST_IO_READ_H
#define STRIAE_TEST_IO_READ_H

#include <cmocka.h>

#include "io/io.h"
#include "test_io_make.h"
#include "test_place.h"

static const struct io_limits limits = {1e6, false, 2};

/* What io/ says of these bytes; they stay the caller's. */
static inline striae_status try_bytes(void **state, struct bytes file, const struct io_limits *with,
                                      struct photo *photo, striae_error *error)
{
    const char *path = in(state, "photo");
    assert_int_equal(io_write_file(path, file.data, file.size, true, NULL), STRIAE_OK);
    return io_read_photo(path, with, photo, error);
}

/* The photo in these bytes, which must be one; they are freed. */
static inline void read_bytes(void **state, struct bytes file, struct photo *photo)
{
    striae_error error = {0};
    if (try_bytes(state, file, &limits, photo, &error) != STRIAE_OK)
        fail_msg("%s", error.message);
    free(file.data);
    assert_true(io_is_photo(in(state, "photo")));
}

#endif
