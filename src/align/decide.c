#include "align/decide.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static void refuse(struct alignment *alignment, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct alignment *alignment, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    alignment->refused = true;
    (void)vsnprintf(alignment->reason, sizeof alignment->reason, format, arguments);
    va_end(arguments);
}

static bool photo_unusable(const char *which, double skin, size_t details,
                           struct alignment *alignment)
{
    if (skin < DECIDE_LEAST_SKIN)
        refuse(
            alignment,
            "The %s photo shows almost no skin. Retake it so that skin fills most of the picture.",
            which);
    else if (details < DECIDE_LEAST_DETAILS)
        refuse(alignment,
               "The %s photo shows too little detail (%zu skin details). Retake it in focus, in "
               "even light and closer.",
               which, details);
    return alignment->refused;
}

static double share_of(const struct decision_growth *grown)
{
    return grown->common ? fmin((double)grown->placed / (double)grown->common, 1) : 0;
}

double decide_score(const struct decision_growth *grown)
{
    return grown->evidence * share_of(grown);
}

bool decide_grown(const struct decision_growth *grown)
{
    return grown->placed >= DECIDE_LEAST_PLACED && share_of(grown) >= DECIDE_LEAST_SHARE &&
           decide_score(grown) >= DECIDE_LEAST_SCORE;
}

bool decide_clear(const struct decision_growth *grown)
{
    return grown->placed >= DECIDE_CLEAR_PLACED && share_of(grown) >= DECIDE_CLEAR_SHARE &&
           decide_score(grown) >= DECIDE_CLEAR_SCORE;
}

void decide(const struct decision_facts *facts, struct alignment *alignment)
{
    alignment->refused = false;
    alignment->reason[0] = '\0';
    if (photo_unusable("first", facts->skin_first, facts->details_first, alignment) ||
        photo_unusable("later", facts->skin_later, facts->details_later, alignment))
        return;
    if (facts->mirrored)
        refuse(alignment, "One of the photos is mirrored left to right, as front cameras do. Turn "
                          "mirroring off, or flip one of the photos, and compare again.");
    else if (!decide_grown(&facts->grown))
        refuse(alignment, "The photos could not be matched: the skin of one was not found in the "
                          "other. Check that both show the same site of the same person; retake "
                          "from the same distance and in similar light.");
    else if (!facts->refined || facts->agreement < DECIDE_LEAST_AGREEMENT)
        refuse(alignment,
               "The photos could not be matched: the pattern of the skin does not coincide "
               "(correlation %.2f, needed %.2f). Check that both show the same site; retake in "
               "focus.",
               facts->agreement, DECIDE_LEAST_AGREEMENT);
    else if (facts->overlap_percent < DECIDE_LEAST_OVERLAP)
        refuse(alignment,
               "Only %.0f %% of the skin that one photo shows could be found in the other (needed "
               "%.0f %%). Retake from the same place and distance.",
               facts->overlap_percent, DECIDE_LEAST_OVERLAP);
}
