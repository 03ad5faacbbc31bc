/* What the convolution of maps [batch, rows, columns, channels] by a filter [rows, columns, in, out] is. */
#ifndef LENSFIELD_CONVOLUTION_H
#define LENSFIELD_CONVOLUTION_H

#include "gemm-tile.h"

struct geometry {
  int batch, in_rows, in_columns, in_channels, out_rows, out_columns, out_channels;
  int filter_rows, filter_columns, stride_rows, stride_columns, pad_top, pad_left;
};

/* Maps so small that a row of them fills less than half a tile of registers are convolved tap by tap, as products over the pixels of all
   maps; the same results as in convolution.c but for the order of sums. */
INLINE int is_small_map(const struct geometry *g) { return 2 * g->out_columns <= TILE_ROWS; }

void convolve_small_maps(const struct geometry *g, const float *x, const float *filter, float *out);
void small_maps_input_gradient(const struct geometry *g, const float *dy, const float *filter, float *dx);
void small_maps_filter_gradient(const struct geometry *g, const float *x, const float *dy, float *dfilter);

#endif
