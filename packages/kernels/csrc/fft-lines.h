/* Complex Fourier transforms of LANES lines at once. A line element is two vectors, its real and its imaginary parts, so that element
   j lies at j * 2 * LANES. Stockham autosort, decimation in frequency; the radices and twiddle factors come from TypeScript
   (src/_fft-axis.ts). The forward sign is exp(-2 pi i j k / n); exchanging the two parts of input and output gives the other sign. */
#ifndef LENSFIELD_FFT_LINES_H
#define LENSFIELD_FFT_LINES_H

#include "kernels.h"

enum { ELEMENT = 2 * LANES, MAX_PASSES = 31 };

struct axis {
  const int32_t *radices; /* ends with 0 */
  const float *twiddles;  /* per pass, per p = 1 .. m - 1, per r = 1 .. radix - 1: re, im of exp(-2 pi i p r / (m radix)) */
  int size;
};

/* Transforms `in` by way of the buffers a and b (size * ELEMENT floats each). `in` may be a, else it is kept. The result lies in `out`
   where that is given (apart from a and b), else in what is returned: a, b, or `in` for a line of one element. */
const float *transform_lines(const struct axis *axis, const float *in, float *a, float *b, float *out);

#endif
