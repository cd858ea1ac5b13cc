#include "align/decide.h"

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

bool decide_grown(size_t placed, size_t common)
{
    return placed >= DECIDE_LEAST_PLACED && (double)placed >= DECIDE_LEAST_SHARE * (double)common;
}

bool decide_clear(size_t placed, size_t common)
{
    return placed >= DECIDE_CLEAR_PLACED && (double)placed >= DECIDE_CLEAR_SHARE * (double)common;
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
    else if (!decide_grown(facts->placed, facts->common))
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
