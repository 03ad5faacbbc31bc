"""Adam step of a conditional RealNVP in eager PyTorch; with the score, twice differentiated."""

import math

import torch
from torch import nn
from torch_training import adam_step


class Flow(nn.Module):
    """Affine couplings of two halves in turn, log-scales bounded by tanh."""

    def __init__(self, dimension, context, hidden, layers):
        super().__init__()
        self.half = dimension // 2
        self.conditioners = nn.ModuleList(
            nn.Sequential(
                nn.Linear(self.half + context, hidden),
                nn.SiLU(),
                nn.Linear(hidden, hidden),
                nn.SiLU(),
                nn.Linear(hidden, dimension),
            )
            for _ in range(layers)
        )

    def forward(self, y, context):
        passing, moved = y[:, : self.half], y[:, self.half :]
        log_det = 0.0
        for conditioner in self.conditioners:
            raw, shift = conditioner(torch.cat([passing, context], 1)).chunk(2, 1)
            log_scale = torch.tanh(raw)
            moved = moved * torch.exp(log_scale) + shift
            log_det = log_det + log_scale.sum(1)
            passing, moved = moved, passing
        z = torch.cat([passing, moved], 1)
        return log_det - 0.5 * (z * z).sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)


def build(settings):
    batch, dimension = settings["batch"], settings["dimension"]
    torch.manual_seed(1)
    y, score = torch.randn(batch, dimension), torch.randn(batch, dimension)
    context = torch.randn(batch, settings["context"])
    flow = Flow(dimension, settings["context"], settings["hidden"], settings["layers"])
    if not settings["score"]:
        return adam_step(flow, lambda: -flow(y, context).mean())
    y.requires_grad_(True)

    def loss():
        log_prob = flow(y, context)
        (gradient,) = torch.autograd.grad(log_prob.sum(), y, create_graph=True)
        return -log_prob.mean() + ((gradient - score) ** 2).sum(1).mean()

    return adam_step(flow, loss)
