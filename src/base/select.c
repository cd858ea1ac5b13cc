#include "base/select.h"

#include <math.h>

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* The middle of the first, the middle and the last: no sorted run makes it slow. */
static double pivot_of(const double *v, size_t low, size_t high)
{
    double a = v[low], b = v[low + (high - low) / 2], c = v[high];
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

double select_nth(double *values, size_t count, size_t n)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        double pivot = pivot_of(values, low, high);
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            swap(&values[i++], &values[j--]);
        }
        /* low..j are no larger than the pivot, the rest no smaller; j < high, as one of the three
         * that is no smaller than the pivot stands before high. */
        if (n <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[n];
}

double select_median(double *values, size_t count)
{
    if (count == 0)
        return NAN;
    double upper = select_nth(values, count, count / 2), lower = values[0];
    if (count % 2)
        return upper;
    for (size_t i = 1; i < count / 2; i++)
        lower = values[i] > lower ? values[i] : lower;
    return 0.5 * (lower + upper);
}
