/* The pictures of options->debug. */
#include "pipeline.h"

#include "io/io.h"
#include "segment/segment.h"

#include <stdio.h>

striae_status pipeline_show_steps(const striae_options *options, const struct session *session,
                                  size_t index, const struct segmenter *segmenter,
                                  const struct mask *striae, striae_error *error)
{
    static const char *const names[SEGMENT_VIEWS] = {"2-channels", "3-network", "4-lines"};
    const char *folder = options->debug;
    bool overwrite = options->overwrite;
    char path[4096];
    striae_status status = io_make_folder(folder, error);
    for (int view = 0; view < SEGMENT_VIEWS && status == STRIAE_OK; view++) {
        struct rgb8 picture = {0};
        status = segment_show(segmenter, (enum segment_view)view, &picture, error);
        (void)snprintf(path, sizeof path, "%s/session-%zu-%s.png", folder, index, names[view]);
        if (status == STRIAE_OK)
            status = io_write_rgb(path, &picture, overwrite, error);
        rgb8_free(&picture);
    }
    (void)snprintf(path, sizeof path, "%s/session-%zu-1-skin.png", folder, index);
    if (status == STRIAE_OK)
        status = io_write_mask(path, &session->skin, overwrite, error);
    (void)snprintf(path, sizeof path, "%s/session-%zu-5-striae.png", folder, index);
    if (status == STRIAE_OK)
        status = io_write_mask(path, striae, overwrite, error);
    return status;
}
