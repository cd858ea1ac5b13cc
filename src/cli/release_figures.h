/* Made by tests/accuracy/release.sh; in the order of enum score_figure. */
#ifndef STRIAE_CLI_RELEASE_FIGURES_H
#define STRIAE_CLI_RELEASE_FIGURES_H

#define RELEASE_VERSION  "0.1.0"
#define RELEASE_MEASURED "2026-11-26"

static const double release_figures[] = {
    100.0,    /* aligned_percent */
    0.182083, /* landmark_median_px */
    0.586911, /* dice_mean */
    59.2834,  /* found_percent */
    77.0968,  /* real_percent */
    20.1234,  /* width_median_percent */
    30.9183,  /* area_median_percent */
    0.434257, /* delta_a_median */
    4.69787,  /* width_change_median_points */
    11.6028,  /* area_change_median_points */
    1.38889,  /* wrong_way_percent */
    68.0556,  /* held_width_percent */
    69.4444,  /* held_area_percent */
    87.5,     /* held_delta_a_percent */
    94.3396,  /* held_changes_percent */
    15.942,   /* sem_width_percent */
    17.9139,  /* sem_area_percent */
    0.229125, /* sem_delta_a */
    44.189,   /* mdc95_width_percent */
    49.6548,  /* mdc95_area_percent */
    0.635101, /* mdc95_delta_a */
    0.0,      /* called_changed_percent */
};

#endif
