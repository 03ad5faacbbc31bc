"""ResNet-18 (He et al. 2016, arXiv 1512.03385): Adam step in eager PyTorch."""

import torch
from torch import nn
from torch_training import image_step


def normed(inputs, outputs, size, stride):
    convolution = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = normed(inputs, outputs, 3, stride)
        self.second = normed(outputs, outputs, 3, 1)
        self.skip = nn.Identity() if inputs == outputs else normed(inputs, outputs, 1, stride)

    def forward(self, x):
        return torch.relu(self.second(torch.relu(self.first(x))) + self.skip(x))


def resnet18(channels, outputs):
    layers = [normed(channels, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)]
    inputs = 64
    for width in (64, 128, 256, 512):
        layers += [Block(inputs, width, 1 if inputs == width else 2), Block(width, width, 1)]
        inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, outputs))


def build(settings):
    batch, size, channels, outputs = (settings[name] for name in ("batch", "size", "channels", "outputs"))
    images = torch.randn(batch, channels, size, size)
    return image_step(resnet18(channels, outputs), images, torch.randn(batch, outputs), settings)
