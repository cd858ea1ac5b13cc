/* Where things are on the card. */
#include "calibrate/card.h"

const struct card_tag card_tags[CARD_TAGS] = {
    {100, 8.5, 8.5}, {101, 77.1, 8.5}, {102, 77.1, 45.48}, {103, 8.5, 45.48}};

#define COLUMN(i) (22.05 + 8.3 * (i))
#define ROW(i)    (15.0 + 8.3 * (i))

/* A ladder of greys, light to dark; skin from the lightest to the darkest and reddened; and four
 * stronger colours, without which a correction of skin would tell nothing of its own slope. All are
 * inside sRGB. */
const struct card_patch card_patches[CARD_PATCHES] = {
    {"grey 92", COLUMN(0), ROW(0), {92, 0, 0}},    {"grey 78", COLUMN(1), ROW(0), {78, 0, 0}},
    {"grey 64", COLUMN(2), ROW(0), {64, 0, 0}},    {"grey 50", COLUMN(3), ROW(0), {50, 0, 0}},
    {"grey 36", COLUMN(4), ROW(0), {36, 0, 0}},    {"grey 22", COLUMN(5), ROW(0), {22, 0, 0}},
    {"skin 1", COLUMN(0), ROW(1), {80, 7, 15}},    {"skin 2", COLUMN(1), ROW(1), {72, 10, 18}},
    {"skin 3", COLUMN(2), ROW(1), {63, 13, 21}},   {"skin 4", COLUMN(3), ROW(1), {53, 14, 22}},
    {"skin 5", COLUMN(4), ROW(1), {43, 14, 20}},   {"skin 6", COLUMN(5), ROW(1), {33, 11, 14}},
    {"red skin", COLUMN(0), ROW(2), {62, 26, 16}}, {"livid skin", COLUMN(1), ROW(2), {50, 24, 6}},
    {"red", COLUMN(2), ROW(2), {47, 52, 28}},      {"green", COLUMN(3), ROW(2), {56, -34, 30}},
    {"blue", COLUMN(4), ROW(2), {42, 4, -40}},     {"yellow", COLUMN(5), ROW(2), {78, 4, 62}},
};
