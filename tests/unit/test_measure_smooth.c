/* measure/: smoothing of a sequence by its own errors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "measure/smooth.h"

#define COUNT 120
#define STEP  4.0

struct data {
    double position[COUNT], error[COUNT], value[COUNT];
};

static double wave(double position)
{
    return 3 + 2 * sin(position / 60);
}

static void make(struct data *data, double error, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed, 1);
    for (int i = 0; i < COUNT; i++) {
        data->position[i] = STEP * i;
        data->error[i] = error;
        data->value[i] = wave(STEP * i) + error * rng_normal(&rng);
    }
}

static void smooth(struct data *data, double rough)
{
    const struct sequence sequence = {COUNT, data->position, data->error, data->value};
    striae_error error;
    assert_int_equal(smooth_sequence(&sequence, rough, 20, &error), STRIAE_OK);
}

static double rms_from_wave(const struct data *data)
{
    double sum = 0;
    for (int i = 0; i < COUNT; i++)
        sum += pow(data->value[i] - wave(data->position[i]), 2);
    return sqrt(sum / COUNT);
}

static void test_sure_values_stay(void **state)
{
    struct data data, smoothed;
    (void)state;
    make(&data, 0.001, 1);
    smoothed = data;
    smooth(&smoothed, 1);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabs(smoothed.value[i] - data.value[i]) < 0.001);
}

static void test_noise_goes(void **state)
{
    struct data data;
    (void)state;
    make(&data, 1, 2);
    double before = rms_from_wave(&data);
    smooth(&data, 0.3);
    assert_true(rms_from_wave(&data) < 0.4 * before);
}

/* A straight line with one wild value is the line. */
static void test_wild_value(void **state)
{
    struct data data;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        data.position[i] = STEP * i + (i % 3);
        data.error[i] = 0.1;
        data.value[i] = 2 - 0.01 * data.position[i];
    }
    data.value[50] += 30;
    smooth(&data, 0.1);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabs(data.value[i] - (2 - 0.01 * data.position[i])) < 0.25);
    assert_true(fabs(data.value[20] - (2 - 0.01 * data.position[20])) < 1e-3);
}

static void test_few(void **state)
{
    const double position[2] = {0, 1}, error[2] = {1, 1};
    double value[2] = {5, 7};
    const struct sequence sequence = {2, position, error, value};
    striae_error trouble;
    (void)state;
    assert_int_equal(smooth_sequence(&sequence, 1, 1, &trouble), STRIAE_OK);
    assert_true(value[0] == 5 && value[1] == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sure_values_stay),
        cmocka_unit_test(test_noise_goes),
        cmocka_unit_test(test_wild_value),
        cmocka_unit_test(test_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
