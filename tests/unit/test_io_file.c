/* io/: files and folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/io.h"
#include "test_place.h"

static int entries(const char *folder)
{
    int count = 0;
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open));)
        count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

static void sha256_of_known_texts(void **state)
{
    (void)state;
    char hex[65];
    io_sha256("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    io_sha256("abc", 3, hex); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void what_is_written_is_read_back(void **state)
{
    static const char text[] = "one\0two";
    char *data;
    size_t size;
    assert_int_equal(io_write_file(in(state, "a"), text, sizeof text, false, NULL), STRIAE_OK);
    assert_int_equal(io_read_file(in(state, "a"), &data, &size, NULL), STRIAE_OK);
    assert_int_equal(size, sizeof text);
    assert_memory_equal(data, text, size);
    assert_int_equal(data[size], 0);
    free(data);
    assert_int_equal(entries(*state), 1); /* nothing left beside it */
    assert_int_equal(io_write_file(in(state, "b"), "", 0, false, NULL), STRIAE_OK);
    assert_int_equal(io_read_file(in(state, "b"), &data, &size, NULL), STRIAE_OK);
    assert_int_equal(size, 0);
    free(data);
}

static void an_existing_file_is_kept_unless_overwriting(void **state)
{
    striae_error error = {0};
    char *data;
    size_t size;
    const char *path = in(state, "a");
    assert_int_equal(io_write_file(path, "old", 3, false, NULL), STRIAE_OK);
    assert_int_equal(io_write_file(path, "new", 3, false, &error), STRIAE_ERROR_OUTPUT);
    assert_int_equal(strncmp(error.message, path, strlen(path)), 0);
    assert_int_equal(io_read_file(path, &data, &size, NULL), STRIAE_OK);
    assert_string_equal(data, "old");
    free(data);
    assert_int_equal(io_write_file(path, "new", 3, true, NULL), STRIAE_OK);
    assert_int_equal(io_read_file(path, &data, &size, NULL), STRIAE_OK);
    assert_string_equal(data, "new");
    free(data);
    assert_int_equal(entries(*state), 1);
}

static void a_failed_write_leaves_nothing(void **state)
{
    striae_error error = {0};
    assert_int_equal(io_write_file(in(state, "no/a"), "x", 1, false, &error), STRIAE_ERROR_OUTPUT);
    assert_non_null(strstr(error.message, "make its folder first"));
    assert_int_equal(mkdir(in(state, "folder"), 0777), 0);
    assert_int_equal(io_write_file(in(state, "folder"), "x", 1, true, &error), STRIAE_ERROR_OUTPUT);
    assert_int_equal(entries(*state), 1);
    if (geteuid() != 0) { /* root may write anywhere */
        assert_int_equal(chmod(in(state, "folder"), 0555), 0);
        assert_int_equal(io_write_file(in(state, "folder/a"), "x", 1, true, &error),
                         STRIAE_ERROR_OUTPUT);
        assert_non_null(strstr(error.message, "choose a folder"));
    }
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    striae_error error = {0};
    /* The file written aside cannot be made among the devices either: some message, no crash. */
    assert_int_equal(io_write_file("/dev/full/a", "x", 1, true, &error), STRIAE_ERROR_OUTPUT);
    assert_int_equal(strncmp(error.message, "/dev/full/a: ", 13), 0);
}

static void folders_are_made_with_their_parents(void **state)
{
    struct stat facts;
    striae_error error = {0};
    assert_int_equal(io_make_folder(in(state, "a/b//c/"), NULL), STRIAE_OK);
    assert_int_equal(stat(in(state, "a/b/c"), &facts), 0);
    assert_true(S_ISDIR(facts.st_mode));
    assert_int_equal(io_make_folder(in(state, "a/b"), NULL), STRIAE_OK); /* there already */
    assert_int_equal(io_write_file(in(state, "a/file"), "x", 1, false, NULL), STRIAE_OK);
    assert_int_equal(io_make_folder(in(state, "a/file"), &error), STRIAE_ERROR_OUTPUT);
    assert_non_null(strstr(error.message, "a file is in the way"));
    assert_int_equal(io_make_folder(in(state, "a/file/d"), &error), STRIAE_ERROR_OUTPUT);
    assert_int_equal(io_make_folder("", &error), STRIAE_ERROR_OUTPUT);
}

static void what_cannot_be_read_says_so(void **state)
{
    striae_error error = {0};
    char *data;
    size_t size;
    assert_int_equal(io_read_file(in(state, "none"), &data, &size, &error), STRIAE_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "no such file"));
    assert_null(data);
    assert_int_equal(io_read_file(*state, &data, &size, &error), STRIAE_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "a folder"));
    if (geteuid() != 0) {
        assert_int_equal(io_write_file(in(state, "a"), "x", 1, false, NULL), STRIAE_OK);
        assert_int_equal(chmod(in(state, "a"), 0), 0);
        assert_int_equal(io_read_file(in(state, "a"), &data, &size, &error),
                         STRIAE_ERROR_NOT_FOUND);
        assert_non_null(strstr(error.message, "right to read"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts),
        in_place(what_is_written_is_read_back),
        in_place(an_existing_file_is_kept_unless_overwriting),
        in_place(a_failed_write_leaves_nothing),
        cmocka_unit_test(a_full_disk_is_an_error),
        in_place(folders_are_made_with_their_parents),
        in_place(what_cannot_be_read_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
