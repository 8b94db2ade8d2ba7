"""The weights that a training run begins with."""

import json
import os

import onnx
import onnx.numpy_helper
import torch

from checkpoint import load_run
from controls import NAMES, check_names
from model import NOISY, SIZES, Network


def starting_weights(path):
    """
    The names of the controls that a network takes, its size, one of SIZES, and its weights: the averaged ones of a run's folder, or those of an exported
    model, given by its card (.json), or by its graph (.onnx) where that takes all controls.
    """
    if os.path.isdir(path):
        saved = load_run(path)
        return saved["controls"], saved.get("size", "default"), saved["average"]
    if not os.path.exists(path):
        raise SystemExit(f"--start is '{path}', which is not there; expected a run's folder, a model card (.json) or a graph (.onnx)")
    names = NAMES
    if path.endswith(".json"):
        with open(path) as f:
            card = json.load(f)
        names = card.get("controls")
        check_names(names, path)
        path = os.path.join(os.path.dirname(path), card["weights"])
    # An exported graph keeps the parameters' names.
    weights = {i.name: torch.tensor(onnx.numpy_helper.to_array(i)) for i in onnx.load(path).graph.initializer}
    size = size_of(weights)
    wanted = Network(names, SIZES[size]).state_dict()
    wrong = [
        f"{name} is {list(weights[name].shape) if name in weights else 'missing'}, expected {list(value.shape)}"
        for name, value in wanted.items() if name not in weights or weights[name].shape != value.shape
    ] + [f"{name} is not known here" for name in weights if name not in wanted]
    if wrong:
        raise SystemExit(f"{path}: {len(wrong)} weights are not those of the network in model.py; the first: {wrong[0]}")
    return names, size, {name: weights[name] for name in wanted}


def size_of(weights):
    """Which of SIZES a network has, by its head's weights."""
    shape = weights["head.weight"].shape if "head.weight" in weights else None
    return next((size for size in SIZES if Network(size=SIZES[size]).head.weight.shape == shape), "default")


def without_head(weights, size):
    """The same weights for a network of `size` that begins with no correction."""
    fresh = Network(size=size).state_dict()
    return {**weights, **{name: fresh[name] for name in ("head.weight", "head.bias")}}


def widened(names, weights, wanted):
    """Weights of a network that takes the controls `names`, for one that takes `wanted`: blind to those that it did not take before."""
    if list(names) == list(wanted):
        return weights
    missing = [name for name in names if name not in wanted]
    if missing:
        raise SystemExit(f"--start takes the controls {', '.join(missing)}, which are not wanted here")
    old = weights["down.0.weight"]
    new = torch.zeros(old.shape[0], NOISY + len(wanted) + 1, *old.shape[2:])
    new[:, :NOISY], new[:, -1] = old[:, :NOISY], old[:, -1]
    for i, name in enumerate(names):
        new[:, NOISY + wanted.index(name)] = old[:, NOISY + i]
    return {**weights, "down.0.weight": new}
