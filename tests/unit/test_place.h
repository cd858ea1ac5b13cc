/* A folder of its own for each test, removed afterwards. */
#ifndef STRIAE_TEST_PLACE_H
#define STRIAE_TEST_PLACE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int make_place(void **state)
{
    const char *base = getenv("TMPDIR");
    char name[200];
    (void)snprintf(name, sizeof name, "%s/striae-test-XXXXXX", base ? base : "/tmp");
    *state = mkdtemp(name) ? strdup(name) : NULL;
    return *state ? 0 : -1;
}

static inline int remove_place(void **state)
{
    char command[500];
    (void)snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -r '%s'", (char *)*state,
                   (char *)*state);
    int result = system(command);
    free(*state);
    return result;
}

/* A path in the test's folder; the last eight stay valid. */
static inline const char *in(void **state, const char *name)
{
    static char paths[8][300];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", (const char *)*state, name);
    return path;
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

#endif
