"""Times FFTW (pyFFTW, FFTW_MEASURE) on what fft.mjs measures; one JSON line: {"threads/size": ms}."""

import json
import sys
import time

import numpy
import pyfftw

BATCH, ROUNDS = 5, 25
result = {}
for threads, size in json.loads(sys.argv[1]):
    real = pyfftw.empty_aligned((BATCH, size, size), dtype="float32")
    half = pyfftw.empty_aligned((BATCH, size, size // 2 + 1), dtype="complex64")
    options = {"axes": (1, 2), "threads": threads}
    forward = pyfftw.FFTW(real, half, flags=("FFTW_MEASURE",), **options)
    inverse = pyfftw.FFTW(half, real, direction="FFTW_BACKWARD", flags=("FFTW_MEASURE", "FFTW_DESTROY_INPUT"), **options)
    calls = max(10, 300_000 // size**2)
    best = float("inf")
    for _ in range(ROUNDS):
        real[:] = numpy.random.standard_normal(real.shape)
        start = time.perf_counter()
        for _ in range(calls):
            forward.execute()
            inverse.execute()
            real *= 1 / size**2
        best = min(best, (time.perf_counter() - start) / calls)
        # The scaling keeps numbers finite; its cost is not the transform's.
        start = time.perf_counter()
        for _ in range(calls):
            real *= 1
        best_scaling = (time.perf_counter() - start) / calls
    result[f"{threads}/{size}"] = (best - best_scaling) * 1e3
print(json.dumps(result))
