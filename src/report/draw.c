#include "report/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

striae_status layer_init(struct layer *layer, int width, int height, striae_error *error)
{
    size_t bytes = checked_bytes((size_t)height, (size_t)width, 1);
    *layer = (struct layer){.width = width, .height = height, .left = width, .top = height};
    layer->data = bytes ? calloc(bytes, 1) : NULL;
    if (layer->data)
        return STRIAE_OK;
    *layer = (struct layer){0};
    return fail_memory(error);
}

void layer_free(struct layer *layer)
{
    free(layer->data);
    *layer = (struct layer){0};
}

static int clamp(double value, int low, int high)
{
    return !(value > low) ? low : value > high ? high : (int)value;
}

static double distance_to_segment(double x, double y, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / square : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double ox = x - a.x - t * dx, oy = y - a.y - t * dy;
    return sqrt(ox * ox + oy * oy);
}

static void segment(struct layer *layer, struct point a, struct point b, double radius)
{
    if (!isfinite(a.x + a.y + b.x + b.y))
        return;
    double reach = radius + 1;
    int left = clamp(floor(fmin(a.x, b.x) - reach), 0, layer->width);
    int right = clamp(ceil(fmax(a.x, b.x) + reach) + 1, 0, layer->width);
    int top = clamp(floor(fmin(a.y, b.y) - reach), 0, layer->height);
    int bottom = clamp(ceil(fmax(a.y, b.y) + reach) + 1, 0, layer->height);
    for (int y = top; y < bottom; y++) {
        uint8_t *row = layer->data + (size_t)y * (size_t)layer->width;
        for (int x = left; x < right; x++) {
            /* the pixel's cover, taken as a step of one pixel's width at the stroke's edge */
            double cover = radius + 0.5 - distance_to_segment(x, y, a, b);
            uint8_t value = (uint8_t)clamp(cover * 255 + 0.5, 0, 255);
            if (value > row[x])
                row[x] = value;
        }
    }
    if (left < right && top < bottom) {
        layer->left = left < layer->left ? left : layer->left;
        layer->top = top < layer->top ? top : layer->top;
        layer->right = right > layer->right ? right : layer->right;
        layer->bottom = bottom > layer->bottom ? bottom : layer->bottom;
    }
}

void layer_stroke(struct layer *layer, const struct point *points, size_t count, double thickness)
{
    for (size_t i = 1; i < count; i++)
        segment(layer, points[i - 1], points[i], thickness / 2);
}

/* Digits as strokes on a grid of 40 x 60, y down; {-1,-1} ends a digit. */
static const signed char digit_0[][2] = {{20, 0}, {33, 5}, {40, 20}, {40, 40}, {33, 55}, {20, 60},
                                         {7, 55}, {0, 40}, {0, 20},  {7, 5},   {20, 0},  {-1, -1}};
static const signed char digit_1[][2] = {{6, 13}, {23, 0}, {23, 60}, {-1, -1}};
static const signed char digit_2[][2] = {{1, 16},  {5, 5},  {20, 0},  {35, 5}, {39, 17},
                                         {34, 29}, {0, 60}, {40, 60}, {-1, -1}};
static const signed char digit_3[][2] = {{3, 8},   {18, 0},  {33, 4},  {38, 16}, {32, 25},
                                         {18, 28}, {34, 32}, {40, 44}, {35, 55}, {20, 60},
                                         {5, 56},  {0, 48},  {-1, -1}};
static const signed char digit_4[][2] = {{30, 60}, {30, 0}, {0, 43}, {40, 43}, {-1, -1}};
static const signed char digit_5[][2] = {{37, 0},  {6, 0},   {3, 27}, {19, 23}, {35, 28}, {40, 41},
                                         {35, 55}, {19, 60}, {4, 56}, {0, 50},  {-1, -1}};
static const signed char digit_6[][2] = {{36, 7},  {22, 0},  {7, 8},   {0, 26},  {0, 42},
                                         {6, 55},  {20, 60}, {34, 55}, {40, 42}, {34, 29},
                                         {20, 24}, {6, 29},  {0, 42},  {-1, -1}};
static const signed char digit_7[][2] = {{0, 0}, {40, 0}, {15, 60}, {-1, -1}};
static const signed char digit_8[][2] = {
    {20, 28}, {6, 23},  {3, 13},  {8, 3},   {20, 0}, {32, 3}, {37, 13}, {34, 23}, {20, 28},
    {35, 33}, {40, 44}, {35, 56}, {20, 60}, {5, 56}, {0, 44}, {5, 33},  {20, 28}, {-1, -1}};
static const signed char digit_9[][2] = {{4, 53},  {18, 60}, {33, 52}, {40, 34}, {40, 18},
                                         {34, 5},  {20, 0},  {6, 5},   {0, 18},  {6, 31},
                                         {20, 36}, {34, 31}, {40, 18}, {-1, -1}};

static const signed char (*const digits[10])[2] = {digit_0, digit_1, digit_2, digit_3, digit_4,
                                                   digit_5, digit_6, digit_7, digit_8, digit_9};

/* Digits are 40 wide with 20 between. */
static int split_digits(int number, int out[10])
{
    int count = 0, reversed[10];
    do {
        reversed[count++] = number % 10;
        number /= 10;
    } while (number > 0);
    for (int i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

double number_width(int number, double height)
{
    int list[10];
    return (split_digits(number < 0 ? 0 : number, list) * 60 - 20) * height / 60;
}

void layer_number(struct layer *layer, int number, double x, double y, double height,
                  double thickness)
{
    int list[10], count = split_digits(number < 0 ? 0 : number, list);
    double left = x - number_width(number, height) / 2, top = y - height / 2, unit = height / 60;
    for (int i = 0; i < count; i++, left += 60 * unit) {
        const signed char(*at)[2] = digits[list[i]];
        for (; at[1][0] >= 0; at++) {
            struct point a = {left + at[0][0] * unit, top + at[0][1] * unit};
            struct point b = {left + at[1][0] * unit, top + at[1][1] * unit};
            segment(layer, a, b, thickness / 2);
        }
    }
}

void layer_apply(struct layer *layer, const uint8_t colour[3], double opacity, struct rgb8 *picture)
{
    for (int y = layer->top; y < layer->bottom; y++) {
        size_t at = (size_t)y * (size_t)layer->width + (size_t)layer->left;
        for (int x = layer->left; x < layer->right; x++, at++) {
            double a = layer->data[at] / 255.0 * opacity;
            for (size_t c = 0; c < 3 && a > 0; c++) {
                uint8_t *value = &picture->data[3 * at + c];
                *value = (uint8_t)clamp(*value + a * (colour[c] - *value) + 0.5, 0, 255);
            }
            layer->data[at] = 0;
        }
    }
    layer->left = layer->width;
    layer->top = layer->height;
    layer->right = layer->bottom = 0;
}
