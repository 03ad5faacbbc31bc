/* Chains of element-wise operations that go through memory once. */
#ifndef LENSFIELD_FUSED_H
#define LENSFIELD_FUSED_H

/* Runs a chain as src/fused-chain.ts encodes it; returns 1 when memory ran out. */
int run_fused(const double *code);

#endif
