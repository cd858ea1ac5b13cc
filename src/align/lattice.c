#include "align/lattice.h"

#include "base/image.h"
#include "base/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t node_count(const struct lattice *l)
{
    return (size_t)l->columns * (size_t)l->rows;
}

static striae_status allocate(struct lattice *l, int width, int height, double step,
                              striae_error *error)
{
    *l = (struct lattice){.step = step};
    l->columns = (int)ceil((width - 1) / step) + 3;
    l->rows = (int)ceil((height - 1) / step) + 3;
    size_t bytes = checked_bytes((size_t)l->rows, (size_t)l->columns, sizeof(double));
    l->x = bytes ? malloc(bytes) : NULL;
    l->y = bytes ? malloc(bytes) : NULL;
    if (l->x && l->y)
        return STRIAE_OK;
    lattice_free(l);
    return fail_memory(error);
}

striae_status lattice_init(struct lattice *lattice, int width, int height, double step,
                           const double m[6], striae_error *error)
{
    striae_status status = allocate(lattice, width, height, step, error);
    if (status != STRIAE_OK)
        return status;
    for (int j = 0; j < lattice->rows; j++)
        for (int i = 0; i < lattice->columns; i++) {
            double x = (i - 1) * step, y = (j - 1) * step;
            size_t at = (size_t)j * (size_t)lattice->columns + (size_t)i;
            lattice->x[at] = m[0] * x + m[1] * y + m[2];
            lattice->y[at] = m[3] * x + m[4] * y + m[5];
        }
    return STRIAE_OK;
}

void lattice_free(struct lattice *lattice)
{
    free(lattice->x);
    free(lattice->y);
    *lattice = (struct lattice){0};
}

striae_status lattice_resample(const struct lattice *in, int width, int height, double step,
                               struct lattice *out, striae_error *error)
{
    striae_status status = allocate(out, width, height, step, error);
    if (status != STRIAE_OK)
        return status;
    for (int j = 0; j < out->rows; j++)
        for (int i = 0; i < out->columns; i++) {
            size_t at = (size_t)j * (size_t)out->columns + (size_t)i;
            lattice_map(in, (i - 1) * step, (j - 1) * step, &out->x[at], &out->y[at], NULL);
        }
    return STRIAE_OK;
}

/* ---- interpolation -------------------------------------------------------------------------- */

/* The cell of `at` (in nodes), kept so that its four nodes exist, and the place in it. */
static int cell_of(double at, int count, double *t)
{
    int cell = (int)floor(at);
    cell = cell < 1 ? 1 : cell > count - 3 ? count - 3 : cell;
    *t = at - cell;
    return cell;
}

/* Catmull-Rom inside the cell; continued by its tangent outside, where a cubic would run away. */
static void weights(double t, double w[4], double d[4])
{
    double in = t < 0 ? 0 : t > 1 ? 1 : t, out = t - in;
    d[0] = (-1.5 * in + 2) * in - 0.5;
    d[1] = (4.5 * in - 5) * in;
    d[2] = (-4.5 * in + 4) * in + 0.5;
    d[3] = (1.5 * in - 1) * in;
    w[0] = ((-0.5 * in + 1) * in - 0.5) * in + out * d[0];
    w[1] = (1.5 * in - 2.5) * in * in + 1 + out * d[1];
    w[2] = ((-1.5 * in + 2) * in + 0.5) * in + out * d[2];
    w[3] = (0.5 * in - 0.5) * in * in + out * d[3];
}

void lattice_map(const struct lattice *l, double x, double y, double *u, double *v,
                 double jacobian[4])
{
    double tx, ty, wx[4], wy[4], dx[4], dy[4], sum[2][3] = {{0}};
    int column = cell_of(x / l->step + 1, l->columns, &tx) - 1;
    int row = cell_of(y / l->step + 1, l->rows, &ty) - 1;
    weights(tx, wx, dx);
    weights(ty, wy, dy);
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++) {
            size_t at = (size_t)(row + j) * (size_t)l->columns + (size_t)(column + i);
            double node[2] = {l->x[at], l->y[at]};
            for (int c = 0; c < 2; c++) {
                sum[c][0] += wx[i] * wy[j] * node[c];
                sum[c][1] += dx[i] * wy[j] * node[c];
                sum[c][2] += wx[i] * dy[j] * node[c];
            }
        }
    *u = sum[0][0];
    *v = sum[1][0];
    for (int k = 0; jacobian && k < 4; k++)
        jacobian[k] = sum[k / 2][1 + k % 2] / l->step;
}

/* The cubic through four neighbours, as a polynomial of the place in the middle cell. */
static void cubic_of(const double n[4], float c[4])
{
    c[0] = (float)n[1];
    c[1] = (float)(0.5 * (n[2] - n[0]));
    c[2] = (float)(n[0] - 2.5 * n[1] + 2 * n[2] - 0.5 * n[3]);
    c[3] = (float)(1.5 * (n[1] - n[2]) + 0.5 * (n[3] - n[0]));
}

VECTORISED static void run_cubic(const float c[4], float t0, float dt, int count, float *out)
{
    for (int k = 0; k < count; k++) {
        float t = t0 + dt * (float)k;
        out[k] = ((c[3] * t + c[2]) * t + c[1]) * t + c[0];
    }
}

void lattice_map_row(const struct lattice *l, double y, double x0, double dx, int count, float *u,
                     float *v)
{
    double ty, wy[4], dy[4];
    int row = cell_of(y / l->step + 1, l->rows, &ty) - 1;
    weights(ty, wy, dy);
    for (int k = 0; k < count;) {
        double at = (x0 + k * dx) / l->step + 1, tx, node[2][4] = {{0}};
        int column = cell_of(at, l->columns, &tx) - 1;
        int run = (int)ceil((1 - tx) * l->step / dx);
        run = tx < 0 || tx >= 1 || run < 1 ? 1 : run; /* beyond the last cell one by one */
        run = run > count - k ? count - k : run;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                size_t n = (size_t)(row + j) * (size_t)l->columns + (size_t)(column + i);
                node[0][i] += wy[j] * l->x[n];
                node[1][i] += wy[j] * l->y[n];
            }
        for (int c = 0; c < 2; c++) {
            float cubic[4], *out = (c ? v : u) + k;
            if (tx >= 0 && tx < 1) {
                cubic_of(node[c], cubic);
                run_cubic(cubic, (float)tx, (float)(dx / l->step), run, out);
            } else {
                double wx[4], slope[4];
                weights(tx, wx, slope);
                *out = (float)(wx[0] * node[c][0] + wx[1] * node[c][1] + wx[2] * node[c][2] +
                               wx[3] * node[c][3]);
            }
        }
        k += run;
    }
}

/* ---- folding -------------------------------------------------------------------------------- */

/* Smallest determinant in the cell whose upper left node is `a`: of the triangles at its corners.
 */
static double cell_jacobian(const struct lattice *l, size_t a)
{
    size_t corner[4] = {a, a + 1, a + (size_t)l->columns + 1, a + (size_t)l->columns};
    double least = INFINITY;
    for (int k = 0; k < 4; k++) {
        size_t p = corner[k], q = corner[(k + 1) % 4], r = corner[(k + 3) % 4];
        double det =
            (l->x[q] - l->x[p]) * (l->y[r] - l->y[p]) - (l->x[r] - l->x[p]) * (l->y[q] - l->y[p]);
        least = fmin(least, det / (l->step * l->step));
    }
    return least;
}

double lattice_least_jacobian(const struct lattice *l)
{
    double least = INFINITY;
    for (int j = 0; j + 1 < l->rows; j++)
        for (int i = 0; i + 1 < l->columns; i++)
            least = fmin(least, cell_jacobian(l, (size_t)j * (size_t)l->columns + (size_t)i));
    return least;
}

/* Moves an inner node halfway to the mean of its neighbours, border nodes along their line. */
static void relax(struct lattice *l, int i, int j)
{
    bool inside_x = i > 0 && i + 1 < l->columns, inside_y = j > 0 && j + 1 < l->rows;
    size_t at = (size_t)j * (size_t)l->columns + (size_t)i, down = (size_t)l->columns;
    double x = 0, y = 0, count = 0;
    if (inside_x) {
        x += l->x[at - 1] + l->x[at + 1];
        y += l->y[at - 1] + l->y[at + 1];
        count += 2;
    }
    if (inside_y) {
        x += l->x[at - down] + l->x[at + down];
        y += l->y[at - down] + l->y[at + down];
        count += 2;
    }
    if (count > 0) {
        l->x[at] = 0.5 * (l->x[at] + x / count);
        l->y[at] = 0.5 * (l->y[at] + y / count);
    }
}

bool lattice_unfold(struct lattice *l, double least)
{
    int right = l->columns - 1, bottom = l->rows - 1;
    size_t corner[3] = {(size_t)right, (size_t)bottom * (size_t)l->columns, 0};
    double mean = (l->x[corner[0]] - l->x[0]) * (l->y[corner[1]] - l->y[0]) -
                  (l->x[corner[1]] - l->x[0]) * (l->y[corner[0]] - l->y[0]);
    mean /= (double)right * bottom * l->step * l->step;
    for (int round = 0; round < 500; round++) {
        bool folded = false;
        for (int j = 0; j < bottom; j++)
            for (int i = 0; i < right; i++) {
                size_t at = (size_t)j * (size_t)l->columns + (size_t)i;
                if (cell_jacobian(l, at) >= least * mean)
                    continue;
                folded = true;
                for (int dj = -1; dj <= 2; dj++)
                    for (int di = -1; di <= 2; di++)
                        if (i + di >= 0 && j + dj >= 0 && i + di <= right && j + dj <= bottom)
                            relax(l, i + di, j + dj);
            }
        if (!folded)
            return mean > 0;
    }
    return false;
}

/* ---- fit ------------------------------------------------------------------------------------ */

#define LANES  8
#define ENOUGH 1e-4 /* of the first residual's square; 1e-6 is no better on rendered pairs */

struct footprint { /* a datum on the nodes, bilinear */
    size_t at;
    double w[4];
};

struct system {
    const struct lattice *lattice;
    const struct datum *data;
    const struct footprint *feet;
    size_t count;
    double bending;                            /* stiffness / step^2 */
    const double *node_xx, *node_xy, *node_yy; /* information of the data that lie on a node */
};

/* Whether the datum lies on its first node alone. */
static bool on_node(const struct footprint *f)
{
    return f->w[1] == 0 && f->w[2] == 0 && f->w[3] == 0;
}

/* Adds bending * D'D v at (i,j), one field; D = second differences along x, y and (twice) mixed. */
static void add_bending_at(const struct system *s, const double *v, int i, int j, double *out)
{
    int columns = s->lattice->columns, rows = s->lattice->rows;
    ptrdiff_t next = columns, at = (ptrdiff_t)j * columns + i;
    double sum = 0;
    for (int k = -1; k <= 1; k++) { /* of the difference whose middle is k further on */
        double part = k ? 1 : -2;
        if (i + k > 0 && i + k + 1 < columns)
            sum += part * (v[at + k - 1] - 2 * v[at + k] + v[at + k + 1]);
        if (j + k > 0 && j + k + 1 < rows)
            sum += part * (v[at + (k - 1) * next] - 2 * v[at + k * next] + v[at + (k + 1) * next]);
    }
    for (int y = j - 1; y <= j; y++)
        for (int x = i - 1; x <= i; x++) {
            if (x < 0 || y < 0 || x + 1 >= columns || y + 1 >= rows)
                continue;
            const double *a = v + (ptrdiff_t)y * columns + x;
            sum += ((x == i) == (y == j) ? 2 : -2) * (a[0] - a[1] - a[next] + a[next + 1]);
        }
    out[at] += s->bending * sum;
}

/* The same for all nodes: away from the border it is one stencil. */
VECTORISED static void add_bending(const struct system *s, const double *v, double *out)
{
    int columns = s->lattice->columns, rows = s->lattice->rows;
    ptrdiff_t next = columns;
    for (int j = 0; j < rows; j++) {
        bool inside = j >= 2 && j + 2 < rows && columns > 4;
        for (int i = 0; i < columns; i++)
            if (!inside || i < 2 || i + 2 >= columns)
                add_bending_at(s, v, i, j, out);
        const double *a = v + (ptrdiff_t)j * columns;
        double *to = out + (ptrdiff_t)j * columns;
        for (int i = 2; inside && i + 2 < columns; i++)
            to[i] += s->bending *
                     (20 * a[i] - 8 * (a[i - 1] + a[i + 1] + a[i - next] + a[i + next]) +
                      2 * (a[i - next - 1] + a[i - next + 1] + a[i + next - 1] + a[i + next + 1]) +
                      a[i - 2] + a[i + 2] + a[i - 2 * next] + a[i + 2 * next]);
    }
}

static void add_between(const struct system *s, const double *v, double *out)
{
    size_t n = node_count(s->lattice), down = (size_t)s->lattice->columns;
    for (size_t k = 0; k < s->count; k++) {
        const struct footprint *f = &s->feet[k];
        const struct datum *d = &s->data[k];
        size_t at[4] = {f->at, f->at + 1, f->at + down, f->at + down + 1};
        double x = 0, y = 0;
        if (on_node(f))
            continue;
        for (int c = 0; c < 4; c++) {
            x += f->w[c] * v[at[c]];
            y += f->w[c] * v[n + at[c]];
        }
        double px = d->xx * x + d->xy * y, py = d->xy * x + d->yy * y;
        for (int c = 0; c < 4; c++) {
            out[at[c]] += f->w[c] * px;
            out[n + at[c]] += f->w[c] * py;
        }
    }
}

/* out = (data + bending) v; v and out hold x of all nodes, then y. */
VECTORISED static void apply(const struct system *s, const double *restrict v, double *restrict out)
{
    size_t n = node_count(s->lattice);
    const double *restrict xx = s->node_xx, *restrict xy = s->node_xy, *restrict yy = s->node_yy;
    for (size_t i = 0; i < n; i++) {
        out[i] = xx[i] * v[i] + xy[i] * v[n + i];
        out[n + i] = xy[i] * v[i] + yy[i] * v[n + i];
    }
    add_bending(s, v, out);
    add_bending(s, v + n, out + n);
    add_between(s, v, out);
}

static void plant_feet(const struct lattice *l, const struct datum *data, size_t count,
                       struct footprint *feet)
{
    for (size_t k = 0; k < count; k++) {
        double tx, ty;
        int column = cell_of(data[k].at_x / l->step + 1, l->columns, &tx);
        int row = cell_of(data[k].at_y / l->step + 1, l->rows, &ty);
        feet[k].at = (size_t)row * (size_t)l->columns + (size_t)column;
        feet[k].w[0] = (1 - tx) * (1 - ty);
        feet[k].w[1] = tx * (1 - ty);
        feet[k].w[2] = (1 - tx) * ty;
        feet[k].w[3] = tx * ty;
    }
}

/* Right side less the present left side, and the diagonal for preconditioning. */
static void start(const struct system *s, const double *v, double *residual, double *diagonal)
{
    size_t n = node_count(s->lattice), down = (size_t)s->lattice->columns;
    apply(s, v, residual);
    for (size_t i = 0; i < 2 * n; i++) {
        residual[i] = -residual[i];
        diagonal[i] = 20 * s->bending + 1e-12;
    }
    for (size_t k = 0; k < s->count; k++) {
        const struct footprint *f = &s->feet[k];
        const struct datum *d = &s->data[k];
        size_t at[4] = {f->at, f->at + 1, f->at + down, f->at + down + 1};
        for (int c = 0; c < 4; c++) {
            residual[at[c]] += f->w[c] * (d->xx * d->to_x + d->xy * d->to_y);
            residual[n + at[c]] += f->w[c] * (d->xy * d->to_x + d->yy * d->to_y);
            diagonal[at[c]] += f->w[c] * f->w[c] * d->xx;
            diagonal[n + at[c]] += f->w[c] * f->w[c] * d->yy;
        }
    }
}

/* Several sums kept apart, so that the compiler may use vectors. */
VECTORISED static double product(const double *restrict a, const double *restrict b, size_t n)
{
    double lanes[LANES] = {0}, sum = 0;
    size_t whole = n / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += a[i + k] * b[i + k];
    for (size_t k = 0; k < LANES; k++)
        sum += lanes[k];
    for (size_t i = whole; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* to += by * step */
VECTORISED static void add_scaled(const double *restrict step, double by, size_t n,
                                  double *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += by * step[i];
}

static void conjugate_gradients(const struct system *s, double *v, double *work, int iterations)
{
    size_t n = 2 * node_count(s->lattice);
    double *r = work, *p = work + n, *q = work + 2 * n, *inverse = work + 3 * n, *z = work + 4 * n;
    start(s, v, r, inverse);
    for (size_t i = 0; i < n; i++) {
        inverse[i] = 1 / inverse[i];
        p[i] = z[i] = r[i] * inverse[i];
    }
    double rz = product(r, z, n), limit = rz * ENOUGH;
    for (int k = 0; k < iterations && rz > limit && rz > 1e-18; k++) {
        apply(s, p, q);
        double pq = product(p, q, n);
        if (!(pq > 0))
            break;
        add_scaled(p, rz / pq, n, v);
        add_scaled(q, -rz / pq, n, r);
        for (size_t i = 0; i < n; i++)
            z[i] = r[i] * inverse[i];
        double next = product(r, z, n);
        for (size_t i = 0; i < n; i++)
            p[i] = z[i] + next / rz * p[i];
        rz = next;
    }
}

striae_status lattice_fit(struct lattice *lattice, const struct datum *data, size_t count,
                          double stiffness, int iterations, striae_error *error)
{
    size_t n = node_count(lattice);
    double *work = malloc(12 * n * sizeof *work), *at_nodes = calloc(3 * n, sizeof *at_nodes);
    struct footprint *feet = malloc((count + 1) * sizeof *feet);
    bool enough = work && at_nodes && feet;
    if (enough) {
        struct system system = {lattice,
                                data,
                                feet,
                                count,
                                stiffness / (lattice->step * lattice->step),
                                at_nodes,
                                at_nodes + n,
                                at_nodes + 2 * n};
        plant_feet(lattice, data, count, feet);
        for (size_t k = 0; k < count; k++)
            if (on_node(&feet[k])) {
                at_nodes[feet[k].at] += data[k].xx;
                at_nodes[n + feet[k].at] += data[k].xy;
                at_nodes[2 * n + feet[k].at] += data[k].yy;
            }
        memcpy(work, lattice->x, n * sizeof *work);
        memcpy(work + n, lattice->y, n * sizeof *work);
        conjugate_gradients(&system, work, work + 2 * n, iterations);
        memcpy(lattice->x, work, n * sizeof *work);
        memcpy(lattice->y, work + n, n * sizeof *work);
    }
    free(work);
    free(at_nodes);
    free(feet);
    return enough ? STRIAE_OK : fail_memory(error);
}
