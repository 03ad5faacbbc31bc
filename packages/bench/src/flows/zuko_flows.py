"""Trains a flow of zuko on given rows. Reads one JSON object from standard input, answers with the mean test log density and the time of a step.

Arrays lie in `folder` as raw float32. Adam with a cosine from `rate` to a hundredth of it, gradients clipped to norm 5, whole
batches of rows in a new order each epoch; the weights of the epoch with the best validation loss are tested.
"""
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch
import zuko

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
torch.manual_seed(job["seed"])
folder = pathlib.Path(job["folder"])


def rows(name, width):
    return torch.from_numpy(np.fromfile(folder / name, dtype=np.float32).reshape(-1, width)) if width else None


d, c = job["dimension"], job["contextDimension"]
train = rows("y", d), rows("context", c)
test = rows("testY", d), rows("testContext", c)
split = {name: np.fromfile(folder / name, dtype=np.int32) for name in ("training", "validation")}

sizes = {"transforms": job["layers"], "hidden_features": job["hidden"]}
if job["flow"] == "MAF":
    flow = zuko.flows.MAF(d, c, **sizes)
else:
    passes = 2 if job["flow"] == "NSF, coupling" else None
    flow = zuko.flows.NSF(d, c, bins=job["bins"], passes=passes, **sizes)


def loss(pairs, index=slice(None)):
    y, context = pairs
    return -flow(context[index] if context is not None else None).log_prob(y[index]).mean()


steps = len(split["training"]) // job["batchSize"]
total = steps * job["epochs"]
optimizer = torch.optim.Adam(flow.parameters(), lr=job["rate"])
floor = job["rate"] / 100
best, best_state, step = math.inf, None, 0
start = time.perf_counter()
for epoch in range(job["epochs"]):
    order = split["training"][np.random.default_rng((job["seed"], epoch)).permutation(len(split["training"]))]
    for batch in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = floor + (job["rate"] - floor) * 0.5 * (1 + math.cos(math.pi * step / total))
        optimizer.zero_grad(set_to_none=True)
        loss(train, order[batch * job["batchSize"] : (batch + 1) * job["batchSize"]]).backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
        optimizer.step()
        step += 1
    with torch.no_grad():
        validation = loss(train, split["validation"]).item()
    if validation < best:
        best, best_state = validation, {k: v.clone() for k, v in flow.state_dict().items()}
ms = (time.perf_counter() - start) * 1e3 / total
flow.load_state_dict(best_state)
with torch.no_grad():
    weights = sum(p.numel() for p in flow.parameters())
    print(json.dumps({"logProb": -loss(test).item(), "weights": weights, "msPerStep": ms}))
