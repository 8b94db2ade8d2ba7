"""Writes the averaged weights of a run as an ONNX graph with its model card.

    python3 training/export.py --run FOLDER [--name default] [--out models] [--shrink 1|best]
"""

import argparse
import hashlib
import inspect
import json
import os

import numpy
import torch

try:
    from onnx.reference import ReferenceEvaluator
except ImportError:  # onnx 1.13 is the first to have it
    ReferenceEvaluator = None

from checkpoint import load_run
from model import CHUNK, SIGMA, SIZE_MULTIPLE, SIZES, Network

STEPS = 1              # denoising passes when nobody asks for another number
MOST_BYTES = 16 << 20  # the default model must stay small enough to come with the package
MOST_COST = 0.1        # dB that a model may lose in a clip
TOLERANCE = 1e-4       # between torch and the reference evaluator, both float32


def write_onnx(network, path):
    """Traces the network at free width and height; the chunk's length is part of the graph."""
    x = torch.randn(CHUNK, network.channels, 5 * SIZE_MULTIPLE, 7 * SIZE_MULTIPLE)
    network = network.cpu().float().eval().to(memory_format=torch.contiguous_format)
    # Newer versions of torch have two exporters; the one wanted here is the only one that the older know.
    exporter = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        network, (x,), path, input_names=["x"], output_names=["x0"], opset_version=17, **exporter,
        dynamic_axes={"x": {2: "height", 3: "width"}, "x0": {2: "height", 3: "width"}},
    )
    return x, network


def check(network, path, size):
    """
    Compares the graph, as ONNX's own reference runs it, with torch at another size than it was traced at. Says how it went; whoever has no
    reference at hand sees from an evaluation (finetune.py makes one) whether the graph does what the run's log says.
    """
    if ReferenceEvaluator is None:
        return "not compared with torch: that takes onnx 1.13 or newer"
    x = torch.randn(CHUNK, network.channels, *size)
    with torch.no_grad():
        ours = network(x).numpy()
    theirs = ReferenceEvaluator(path).run(None, {"x": x.numpy()})[0]
    worst = float(numpy.abs(ours - theirs).max())
    if ours.shape != theirs.shape or worst > TOLERANCE * max(1.0, float(numpy.abs(ours).max())):
        raise SystemExit(f"{path}: differs from torch by {worst}, shape {theirs.shape} for {ours.shape}")
    return f"differs from torch by at most {worst:.1e}"


def finish(graph, card, folder):
    """Moves a graph (.onnx) to its place in `folder` and writes the card that names it and its hash. Returns the graph's path and bytes."""
    with open(graph, "rb") as file:
        data = file.read()
    path = os.path.join(folder, f"{card['id']}.onnx")
    if len(data) > MOST_BYTES:
        raise SystemExit(f"{path}: {len(data)} bytes, allowed are {MOST_BYTES}")
    os.replace(graph, path)
    card = {**card, "weights": os.path.basename(path), "sha256": hashlib.sha256(data).hexdigest()}
    with open(os.path.join(folder, f"{card['id']}.json"), "w") as file:
        json.dump(card, file, indent=2)
        file.write("\n")
    return path, len(data)


def best_share(run):
    """The share of its correction with which a run's network wins most in the mean over held-out clips, of those that cost no clip more than MOST_COST."""
    path = os.path.join(run, "log.jsonl")
    with open(path) as file:
        measured = [line["held_out"] for line in map(json.loads, file) if "shares" in line.get("held_out", {})]
    if not measured:
        raise SystemExit(f"{path} holds no measurement on held-out clips; train with --held-out, or give --shrink a number")
    last = measured[-1]
    wins = last.get("transferred", last.get("plain"))
    cheap = [i for i, worst in enumerate(last["worst"]) if worst >= -MOST_COST]
    return last["shares"][max(cheap, key=wins.__getitem__) if cheap else 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="run folder of train.py")
    parser.add_argument("--name", default="default", help="id of the model")
    parser.add_argument("--out", default="models", help="folder for the graph and its card")
    parser.add_argument("--shrink", default="1", help="share of its correction that the model keeps, or 'best', as train_painted.py last measured; default: 1")
    args = parser.parse_args()
    shrink = best_share(args.run) if args.shrink == "best" else float(args.shrink)

    checkpoint = load_run(args.run)
    network = Network(checkpoint["controls"], SIZES[checkpoint.get("size", "default")])
    network.load_state_dict(checkpoint["average"])
    os.makedirs(args.out, exist_ok=True)
    partial = os.path.join(args.out, f"{args.name}.onnx.partial")
    _, network = write_onnx(network, partial)
    compared = check(network, partial, (48, 64))
    card = {
        "id": args.name,
        "family": "filled-warp-correction",
        "chunkLength": CHUNK,
        "sizeMultiple": SIZE_MULTIPLE,
        "steps": STEPS,
        "sigma": SIGMA * shrink,
        "controls": network.controls,
        "parameters": sum(p.numel() for p in network.parameters()),
        "trainingSteps": checkpoint["step"],
    }
    path, size = finish(partial, card, args.out)
    print(f"{path}: {size / 1e6:.1f} MB, keeps {shrink:g} of its correction, {compared}")


if __name__ == "__main__":
    main()
