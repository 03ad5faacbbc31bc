"""Forward and inverse transform of real fields by FFTW, on measured plans, without the normalisation."""

import numpy
import pyfftw


def build(settings):
    batch, size = settings["batch"], settings["size"]
    fields = pyfftw.empty_aligned((batch, size, size), dtype="float32")
    modes = pyfftw.empty_aligned((batch, size, size // 2 + 1), dtype="complex64")
    back = pyfftw.empty_aligned((batch, size, size), dtype="float32")
    options = {"axes": (1, 2), "threads": settings["threads"]}
    forward = pyfftw.FFTW(fields, modes, flags=("FFTW_MEASURE",), **options)
    inverse = pyfftw.FFTW(
        modes, back, direction="FFTW_BACKWARD", flags=("FFTW_MEASURE", "FFTW_DESTROY_INPUT"), **options
    )
    # After planning, which writes into the arrays.
    fields[:] = numpy.random.default_rng(1).standard_normal(fields.shape)

    def step():
        forward.execute()
        inverse.execute()

    return step
