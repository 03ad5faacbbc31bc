"""One training step in eager PyTorch."""

import torch


def adam_step(model, loss):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return step


def image_step(model, images, target, settings, *further):
    """Mean squared error of a network of images, in the memory format that the settings name."""
    memory_format = getattr(torch, settings["memory_format"])
    model = model.to(memory_format=memory_format)
    images = images.contiguous(memory_format=memory_format)
    return adam_step(model, lambda: torch.nn.functional.mse_loss(model(images, *further), target))
