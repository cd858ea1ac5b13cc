/* Prints the upright sRGB picture of a photo, as it is read, as PPM: to compare with what another
 * reader makes of the file. Usage: picture FILE */
#include "io/io.h"

#include <stdio.h>

int main(int count, char **arguments)
{
    const struct io_limits limits = {100e6, false, 1};
    struct photo photo;
    striae_error error;
    if (count != 2)
        return 2;
    if (io_read_photo(arguments[1], &limits, &photo, &error) != STRIAE_OK) {
        (void)fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    printf("P6 %d %d 255\n", photo.picture.width, photo.picture.height);
    size_t size = (size_t)photo.picture.width * (size_t)photo.picture.height * 3;
    bool good = fwrite(photo.picture.data, 1, size, stdout) == size;
    photo_free(&photo);
    return good ? 0 : 1;
}
