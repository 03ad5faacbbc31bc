#include "kernels.h"
#include "fused.h"
#include "program-calls.h" /* call_kernel; generated from the prototypes of all kernels by scripts/program-calls.mjs */

/* Runs recorded calls one after the other. A call is [number of its kernel, how many arguments follow, arguments], all as doubles:
   addresses are whole numbers below 2^53. Number 0 is a fused chain. Returns 0, or 1 + the position of the call that failed. */
KERNEL int lf_run_program(const double *program, int length) {
  for (int at = 0; at < length;) {
    uint32_t kernel = (uint32_t)program[at];
    const double *arguments = program + at + 2;
    int failed = kernel == 0 ? run_fused(arguments) : call_kernel(kernel, arguments);
    if (failed) return at + 1;
    at += 2 + (int)program[at + 1];
  }
  return 0;
}
