"""Reading what torch.save wrote."""

import os

import torch

from controls import check_names


def load(path, device="cpu"):
    """A checkpoint of a run, or weights alone. Torch 1 has a safe loader too, which knows no floats, so there it is the plain one: read only your own files."""
    return torch.load(path, map_location=device, weights_only=not torch.__version__.startswith("1."))


def load_run(folder, device="cpu"):
    """What train.py saved in a run's folder; its `controls` are known ones."""
    path = os.path.join(folder, "checkpoint.pt")
    saved = load(path, device)
    check_names(saved.get("controls"), path)
    return saved
