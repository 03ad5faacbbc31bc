"""C = A B by NumPy, that is by the BLAS it was built with (OpenBLAS in its wheels)."""

import numpy


def build(settings):
    random = numpy.random.default_rng(1)
    a, b = (random.standard_normal((settings["size"],) * 2, dtype=numpy.float32) for _ in range(2))
    c = numpy.empty_like(a)
    return lambda: numpy.matmul(a, b, out=c)
