"""A peer of the bench: reads JSON requests from standard input, one a line, and answers each with one on standard output.

{"build": {"script": ..., "threads": ..., settings}} makes a step by `build` of the script; {"warm": w, "steps": k} runs it
w times, then k times, and answers {"ms": milliseconds of one of the k}. A failure is answered as {"error": ...}.
"""

import importlib
import json
import os
import pathlib
import sys
import time


def built(settings):
    if "torch" in settings["peer"]:
        import torch

        torch.manual_seed(1)
        torch.set_num_threads(settings["threads"])
    return importlib.import_module(pathlib.Path(settings["script"]).stem).build(settings)


def milliseconds(step, warm, steps):
    for _ in range(warm):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps * 1e3


def main():
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "build" in request:
                step = built(request["build"])
                answer = {}
            else:
                answer = {"ms": milliseconds(step, request["warm"], request["steps"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
