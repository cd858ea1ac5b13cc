#include "striae.h"

#include <stdio.h>

int main(void)
{
    printf("striae %s\n", striae_version());
    return 0;
}
