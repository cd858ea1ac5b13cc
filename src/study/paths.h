/* Joining and splitting paths. */
#ifndef STRIAE_STUDY_PATHS_H
#define STRIAE_STUDY_PATHS_H

/* "folder/name", freed with free(); NULL without memory. */
char *path_join(const char *folder, const char *name);
/* The last part of a path, whatever slashes it ends with ("." and ".." are resolved); freed with
 * free(); NULL without memory. */
char *path_own_name(const char *path);

#endif
