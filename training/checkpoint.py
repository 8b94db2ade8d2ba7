"""Reading what torch.save wrote."""

import torch


def load(path, device="cpu"):
    """A checkpoint of a run, or weights alone. Torch 1 has a safe loader too, which knows no floats, so there it is the plain one: read only your own files."""
    return torch.load(path, map_location=device, weights_only=not torch.__version__.startswith("1."))
