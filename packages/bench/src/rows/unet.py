"""U-Net of a velocity field with group norm, silu and an added embedding: Adam step in eager PyTorch."""

import torch
from torch import nn
from torch.nn import functional
from torch_training import image_step


class Activated(nn.Module):
    def __init__(self, inputs, outputs, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, inputs)
        self.convolution = nn.Conv2d(inputs, outputs, 3, padding=1)

    def forward(self, x):
        return self.convolution(functional.silu(self.norm(x)))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, embedding, groups):
        super().__init__()
        self.first = Activated(inputs, outputs, groups)
        self.second = Activated(outputs, outputs, groups)
        self.shift = nn.Linear(embedding, outputs)
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, embedding):
        inner = self.first(x) + self.shift(embedding)[:, :, None, None]
        return self.second(inner) + self.skip(x)


class UNet(nn.Module):
    def __init__(self, settings):
        super().__init__()
        widths, width = settings["widths"], settings["embedding"]
        self.embedding = nn.Sequential(
            nn.Linear(settings["inputs"], width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()
        )
        self.entrance = nn.Conv2d(1, widths[0], 3, padding=1)
        inputs = widths[0]

        def level(first, outputs):
            sizes = [first] + [outputs] * (settings["blocks"] - 1)
            return nn.ModuleList(Residual(size, outputs, width, settings["groups"]) for size in sizes)

        self.down = nn.ModuleList()
        for outputs in widths:
            self.down.append(level(inputs, outputs))
            inputs = outputs
        self.strides = nn.ModuleList(nn.Conv2d(w, w, 3, stride=2, padding=1) for w in widths[:-1])
        self.middle = Residual(inputs, inputs, width, settings["groups"])
        self.up = nn.ModuleList()
        for outputs in reversed(widths):
            self.up.append(level(inputs + outputs, outputs))
            inputs = outputs
        self.exit = Activated(inputs, 1, settings["groups"])

    def forward(self, x, conditions):
        embedding = self.embedding(conditions)
        x, skips = self.entrance(x), []
        for k, blocks in enumerate(self.down):
            for block in blocks:
                x = block(x, embedding)
            skips.append(x)
            if k < len(self.strides):
                x = self.strides[k](x)
        x = self.middle(x, embedding)
        for k, blocks in enumerate(self.up):
            if k > 0:
                x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = torch.cat([x, skips.pop()], 1)
            for block in blocks:
                x = block(x, embedding)
        return self.exit(x)


def build(settings):
    batch, size = settings["batch"], settings["size"]
    images, target = (torch.randn(batch, 1, size, size) for _ in range(2))
    conditions = torch.randn(batch, settings["inputs"])
    return image_step(UNet(settings), images, target, settings, conditions)
