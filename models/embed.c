/* Writes a file as a C array: embed IN OUT. Run while building. */
#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
    FILE *out = in ? fopen(argv[2], "w") : NULL;
    if (!out) {
        fprintf(stderr, "usage: embed IN OUT\n");
        return 2;
    }
    fprintf(out, "#include \"segment/model_bytes.h\"\nconst unsigned char model_bytes[] = {");
    int byte;
    for (size_t i = 0; (byte = getc(in)) != EOF; i++)
        fprintf(out, "%s%d,", i % 24 ? "" : "\n", byte);
    fprintf(out, "\n};\nconst size_t model_bytes_size = sizeof model_bytes;\n");
    int bad = ferror(in) || ferror(out);
    fclose(in);
    return fclose(out) != 0 || bad;
}
