/* The trained network: how much each place looks like a stria. */
#ifndef STRIAE_SEGMENT_NET_H
#define STRIAE_SEGMENT_NET_H

#include "segment/channels.h"
#include "segment/model.h"

/* *logit = ln(p / (1 - p)) of the probability p that a working pixel lies in a stria, initialised
 * here; NET_NO_SKIN off the skin. Deterministic: the same bits at any number of threads.
 *
 * A U-Net (Ronneberger, Fischer, Brox 2015, "U-Net: Convolutional Networks for Biomedical Image
 * Segmentation") whose finest level takes blocks of 2 x 2 pixels together (Shi et al. 2016,
 * "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
 * Neural Network"). */
#define NET_NO_SKIN (-20.f)
striae_status net_run(const struct model *model, const struct channels *channels, int threads,
                      struct plane *logit, striae_error *error);

#endif
