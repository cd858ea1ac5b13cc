/* Functions that are worth compiling twice: for the processor this runs on, and for any. */
#ifndef STRIAE_BASE_VECTOR_H
#define STRIAE_BASE_VECTOR_H

/* Before a hot function: a second version for processors with AVX2 is made and chosen when the
 * program is loaded. Fused multiply-add is left out, and C17 does not let the compiler reorder
 * sums, so both versions give the same bytes. */
#if defined __x86_64__ && defined __GNUC__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__
#define VECTORISED __attribute__((target_clones("avx2", "default")))
#else
#define VECTORISED
#endif

#endif
