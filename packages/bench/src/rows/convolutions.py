"""Strided 3 x 3 convolutions with relu, then two dense layers: Adam step in eager PyTorch."""

import torch
from torch import nn
from torch_training import image_step


def build(settings):
    batch, size, channels = settings["batch"], settings["size"], settings["channels"]
    layers = []
    for inputs, outputs in zip(channels, channels[1:]):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.ReLU()]
    features = channels[-1] * (size >> (len(channels) - 1)) ** 2
    hidden, outputs = settings["hidden"], settings["outputs"]
    head = [nn.Flatten(), nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, outputs)]
    images = torch.randn(batch, channels[0], size, size)
    return image_step(nn.Sequential(*layers, *head), images, torch.randn(batch, outputs), settings)
