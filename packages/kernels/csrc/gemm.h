/* Matrix products for other kernels; see gemm.c. */
#ifndef LENSFIELD_GEMM_H
#define LENSFIELD_GEMM_H

void lf_gemm(const float *a, const float *b, float *c, int m, int n, int k, int transpose_a, int transpose_b, float alpha, float beta,
             int batch, int a_stride, int b_stride, int c_stride);

#endif
