#include "study/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    char *path = NULL;
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

char *path_own_name(const char *path)
{
    char *full = realpath(path, NULL);
    if (!full) {
        return strdup(path);
    }
    const char *slash = strrchr(full, '/');
    char *name = strdup(slash ? slash + 1 : full);
    free(full);
    return name;
}
