#include "segment/look.h"

#include "segment/fuse.h"
#include "segment/hair.h"
#include "segment/mole.h"
#include "segment/navel.h"
#include "segment/net.h"

#include <string.h>

static striae_status ask_network(struct look *look, int threads, striae_error *error)
{
    struct model model;
    striae_status status = model_built_in(&model, error);
    if (status != STRIAE_OK)
        return status;
    memcpy(look->model_sha256, model.sha256, sizeof look->model_sha256);
    status = net_run(&model, &look->channels, threads, &look->logit, error);
    model_free(&model);
    return status;
}

striae_status look_init(const struct segment_input *input, int threads, struct look *look,
                        striae_error *error)
{
    *look = (struct look){0};
    striae_status status =
        segment_channels_init(input->image, input->skin, threads, &look->channels, error);
    if (status == STRIAE_OK)
        status = navel_remove(&look->channels, error);
    if (status == STRIAE_OK)
        status = moles_remove(&look->channels, error);
    if (status == STRIAE_OK)
        status = hairs_remove(&look->channels, error);
    if (status == STRIAE_OK)
        status = ask_network(look, threads, error);
    if (status == STRIAE_OK)
        status = evidence_init(&look->channels, &look->logit, threads, &look->evidence, error);
    if (status == STRIAE_OK)
        fuse_evidence(&look->logit, threads, &look->evidence);
    else
        look_free(look);
    return status;
}

void look_free(struct look *look)
{
    evidence_free(&look->evidence);
    plane_free(&look->logit);
    segment_channels_free(&look->channels);
    *look = (struct look){0};
}
