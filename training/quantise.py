"""Writes a model of ours with smaller numbers: 16-bit weights, or 8-bit convolutions.

    python3 training/quantise.py --model models/default.json --kind float16 [--out FOLDER]
    python3 training/quantise.py --model models/default.json --kind int8 --data FOLDER [--data FOLDER] [--out FOLDER]

float16 stores the weights in half the bytes; ONNX Runtime computes with them in float32 as before. int8 also computes in 8 bits: each
convolution but the first and the last gets the ranges of its input and output from clips (training/dataset), its weights a scale a channel.
Writes MODEL-KIND.onnx and its card; evaluate.js --model says what the quality is.
"""

import argparse
import json
import os
import random

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper
import torch

from clips import Pictures, find_clips
from controls import check_names
from export import finish
from looks import random_look
from model import SIZES, Network
from start import starting_weights
from train import chunk_tensors

CHUNKS = 48        # from which ranges are taken
OUTLIERS = 0.0001  # share of values that may fall outside of a range, either side
FLOAT = ("down.0", "head")


def ranges_of(network, clips):
    """Of each convolution the least and the greatest value that goes in, and that comes out."""
    rng = random.Random(0)
    found = {}

    def watch(name):
        def hook(module, inputs, output):
            for side, values in (("in", inputs[0]), ("out", output)):
                values = values.flatten()[:: max(1, values.numel() // 200_000)]
                low, high = torch.quantile(values, torch.tensor([OUTLIERS, 1 - OUTLIERS])).tolist()
                before = found.get((name, side), (0.0, 0.0))
                found[name, side] = (min(before[0], low), max(before[1], high))
        return hook

    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(watch(name))
    for _ in range(CHUNKS):
        clip = rng.choice(clips)
        pictures = Pictures(clip, random_look(rng), True)
        control, _, truth, _, _ = chunk_tensors(pictures, rng.randrange(clip.chunks), False)
        with torch.no_grad():
            network(network.join(torch.randn_like(truth), control, torch.ones(len(truth))))
    return found


def to_int8(graph, ranges):
    """Puts quantisation around each convolution; ONNX Runtime fuses it into an 8-bit one."""
    tensors = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    nodes = []

    def keep(name, values):
        graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def rounded(value, name, low, high):
        """`value` in 8 bits and back."""
        scale = np.float32((high - low) / 255)
        zero = np.uint8(np.clip(round(-low / scale), 0, 255))
        parts = [keep(f"{name}.scale", scale), keep(f"{name}.zero", zero)]
        nodes.append(onnx.helper.make_node("QuantizeLinear", [value, *parts], [f"{name}.u8"]))
        nodes.append(onnx.helper.make_node("DequantizeLinear", [f"{name}.u8", *parts], [f"{name}.rounded"]))
        return f"{name}.rounded", scale

    for node in graph.node:
        layer = node.input[1][: -len(".weight")] if node.op_type == "Conv" else ""
        if not layer or layer in FLOAT:
            nodes.append(node)
            continue
        value, scale = rounded(node.input[0], f"{layer}.in", *ranges[layer, "in"])
        weight, bias = tensors[f"{layer}.weight"], tensors[f"{layer}.bias"]
        steps = np.maximum(np.abs(weight).reshape(len(weight), -1).max(1) / 127, 1e-8).astype(np.float32)
        whole = np.round(weight / steps.reshape(-1, 1, 1, 1)).astype(np.int8)
        inputs = [value]
        for part, numbers, unit in (("weight", whole, steps), ("bias", np.round(bias / (steps * scale)).astype(np.int32), steps * scale)):
            names = [keep(f"{layer}.{part}.whole", numbers), keep(f"{layer}.{part}.scale", unit), keep(f"{layer}.{part}.zero", np.zeros(len(unit), numbers.dtype))]
            nodes.append(onnx.helper.make_node("DequantizeLinear", names, [f"{layer}.{part}.float"], axis=0))
            inputs.append(f"{layer}.{part}.float")
        conv = onnx.helper.make_node("Conv", inputs, [f"{layer}.out"])
        conv.attribute.extend(node.attribute)
        nodes.append(conv)
        rounded(f"{layer}.out", f"{layer}.out", *ranges[layer, "out"])
        nodes[-1].output[0] = node.output[0]
    used = {name for node in nodes for name in node.input}
    kept = [t for t in graph.initializer if t.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


def to_float16(graph):
    """Stores weights in 16 bits; a cast turns each back, once, when the model is loaded."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        name = tensor.name
        half = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="card of the model")
    parser.add_argument("--kind", required=True, choices=("float16", "int8"))
    parser.add_argument("--data", action="append", default=[], help="folder of clips to take ranges from; for int8")
    parser.add_argument("--out", default=".", help="folder for the graph and its card; default: this one")
    args = parser.parse_args()
    if args.kind == "int8" and not args.data:
        parser.error("--kind int8 takes its ranges from clips; name a folder of them with --data")
    with open(args.model) as file:
        card = json.load(file)
    check_names(card.get("controls"), args.model)
    path = os.path.join(os.path.dirname(args.model), card["weights"])
    model = onnx.load(path)
    if args.kind == "int8":
        names, size, weights = starting_weights(args.model)
        network = Network(names, SIZES[size])
        network.load_state_dict(weights)
        to_int8(model.graph, ranges_of(network.eval(), find_clips(args.data)))
    else:
        to_float16(model.graph)
    onnx.checker.check_model(model)
    name = f"{card['id']}-{args.kind}"
    os.makedirs(args.out, exist_ok=True)
    partial = os.path.join(args.out, f"{name}.onnx.partial")
    onnx.save(model, partial)
    graph, size = finish(partial, {**card, "id": name}, args.out)
    print(f"{graph}: {size / 1e6:.1f} MB, was {os.path.getsize(path) / 1e6:.1f}")


if __name__ == "__main__":
    main()
