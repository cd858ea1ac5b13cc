#include "measure/place.h"

#include "measure/edges.h"

#include <math.h>
#include <stdlib.h>

#define PLACE_REACH 1.5 /* widths: standard deviation of the mean's weights along the line */
#define USUAL_MOVE  0.2 /* widths: standard deviation of the moves that shading makes */
#define MOST_MOVE   0.6 /* widths */

struct node {
    size_t row;
    double move;   /* px */
    double weight; /* 1/px^2 */
};

/* Where the middle of the stria is at one row, against where its edges have it. */
static struct node find_node(const struct strip *strip, const struct trace *trace, size_t row,
                             double blur, double *profile, double *weight)
{
    const struct trace_point *point = &trace->points[row];
    double width = trace_width(point);
    double soft = sqrt(fmax(point->soft * point->soft - blur * blur, 0));
    struct edges_row at = {row, trace->span, blur, width, fmax(soft / width, 0.02)};
    struct bar bar;
    struct node node = {.row = row};
    if (!edges_fit(strip, &at, profile, weight, &bar) || !(bar.height > 2 * bar.height_error))
        return node;
    double move = 0.5 * (bar.left + bar.right) - 0.5 * (point->left + point->right);
    if (fabs(move) > MOST_MOVE * width + 1)
        return node;
    node.move = move;
    /* Both edges move alike: the middle is known as well as half the width is. */
    node.weight = 1 / fmax(0.25 * bar.width_error * bar.width_error, 0.01);
    return node;
}

/* The move at one row, from the nodes around. Nodes nearer than `correlation` px share the pixels
 * they stand on, which is why their weights are not added up in full. */
static double move_at(const struct node *nodes, size_t count, size_t stride, size_t row,
                      const struct trace *trace)
{
    double width = trace_width(&trace->points[row]), reach = fmax(PLACE_REACH * width, 8);
    double share = fmin(1, (double)stride / trace->correlation);
    double total = 1 / (USUAL_MOVE * width * USUAL_MOVE * width), sum = 0;
    for (size_t i = 0; i < count; i++) {
        double apart = ((double)nodes[i].row - (double)row) / reach;
        if (fabs(apart) > 3)
            continue;
        double weight = share * nodes[i].weight * exp(-0.5 * apart * apart);
        sum += weight * nodes[i].move;
        total += weight;
    }
    return sum / total;
}

striae_status place_edges(const struct strip *strip, double blur, struct trace *trace,
                          striae_error *error)
{
    size_t columns = (size_t)strip_columns(strip), count = 0;
    size_t stride = trace->rough_width > 24 ? (size_t)(trace->rough_width / 8) : 3;
    struct node *nodes = calloc(trace->count / stride + 1, sizeof *nodes);
    double *profile = calloc(2 * columns + trace->count, sizeof *profile);
    double *move = profile ? profile + 2 * columns : NULL;
    striae_status status = nodes && profile ? STRIAE_OK : fail_memory(error);
    for (size_t row = 0; status == STRIAE_OK && row < trace->count; row += stride)
        if (trace->points[row].valid && trace_width(&trace->points[row]) > 0)
            nodes[count++] = find_node(strip, trace, row, blur, profile, profile + columns);
    for (size_t row = 0; status == STRIAE_OK && row < trace->count; row++)
        if (trace_width(&trace->points[row]) > 0)
            move[row] = move_at(nodes, count, stride, row, trace);
    for (size_t row = 0; status == STRIAE_OK && row < trace->count; row++) {
        trace->points[row].left += move[row];
        trace->points[row].right += move[row];
    }
    free(nodes);
    free(profile);
    return status;
}
