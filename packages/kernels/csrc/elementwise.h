/* The element-wise operations of elementwise.c by number, for kernels that chain them. */
#ifndef LENSFIELD_ELEMENTWISE_H
#define LENSFIELD_ELEMENTWISE_H

#include "kernels.h"

/* from, to, n, p, q; `to` may be `from`. */
typedef void (*unary_function)(const float *, float *, int, float, float);
unary_function unary_operation(int operation);

/* rows x columns elements; strides of a and b along rows, and along columns 1 or 0 (constant along a row). */
struct block {
  const float *a, *b;
  float *out;
  int rows, columns;
  ptrdiff_t a_row, b_row;
};

/* On blocks where both operands have stride 1 along columns. */
typedef void (*binary_function)(const struct block *);
binary_function binary_operation(int operation);

/* `out` must be neither dy nor y. */
void leaky_relu_gradient(const float *dy, const float *y, float *out, int n, float slope);

#endif
