"""Trains networks whose features compare pictures as eyes do: on another task than painting, from a picture alone.

    python3 training/perceptual.py --task geometry --data FOLDER [--data FOLDER] --out FOLDER [--minutes 8]

`geometry` names normals and inverse depth: its features measure, in evaluation, and are part of no painter's loss, so that no model was
trained to please them. `light` tells the light from the surface: its features are a loss (train.py --perceptual).
The distance is that of LPIPS (Zhang et al., 2018): features of each level are brought to unit length per pixel, and squared
differences are averaged over pixels and levels. Writes TASK.pt, and perceptual.onnx for `geometry`: x [N, 3, H, W] sRGB 0..1 to
the unit features of four levels.
"""

import argparse
import json
import math
import os
import random
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from checkpoint import load
from clips import find_clips, to_srgb
from looks import random_look

CHANNELS = (16, 32, 64, 96)  # at the full, a half, a quarter and an eighth of the resolution
CROP = (80, 128)
BATCH = 12
RATE = 2e-3
HELD_OUT = 0.05  # share of clips that only measure


class Features(nn.Module):
    """Two 3x3 convolutions a level, halved by averaging, which lets no pattern alias."""

    def __init__(self):
        super().__init__()
        inputs = (3, *CHANNELS[:-1])
        self.levels = nn.ModuleList(
            nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())
            for i, o in zip(inputs, CHANNELS)
        )

    def forward(self, x):
        x, features = x * 2 - 1, []
        for i, level in enumerate(self.levels):
            x = level(x if i == 0 else F.avg_pool2d(x, 2))
            features.append(x)
        return features


class Reader(nn.Module):
    """Reads maps off a picture, summed over the levels."""

    def __init__(self, maps):
        super().__init__()
        self.features = Features()
        self.heads = nn.ModuleList(nn.Conv2d(c, maps, 1) for c in CHANNELS)

    def forward(self, x):
        size = x.shape[2:]
        maps = [head(f) for head, f in zip(self.heads, self.features(x))]
        return sum(F.interpolate(m, size=size, mode="bilinear", align_corners=False) for m in maps)


class UnitFeatures(nn.Module):
    """x [N, 3, H, W] sRGB 0..1 to features of unit length per pixel, one tensor a level."""

    def __init__(self, features):
        super().__init__()
        self.features = features

    def forward(self, x):
        return tuple(f / (f.square().sum(1, keepdim=True) + 1e-6).sqrt() for f in self.features(x))


def load_features(path):
    """The unit features of a trained network, frozen."""
    features = Features()
    features.load_state_dict(load(path))
    return UnitFeatures(features).requires_grad_(False).eval().to(memory_format=torch.channels_last)


GEOMETRY = ["inverse depth", "normal x", "normal y", "normal z"]


def geometry_of(clip, tick):
    """Inverse depth and normals [4, H, W]."""
    return torch.stack([clip.control_of(tick, name) for name in GEOMETRY])


def light_of(clip, tick):
    """The light's colour, sRGB-encoded [3, H, W]."""
    return to_srgb(torch.from_numpy(clip.shade[tick].astype(np.float32))).T.reshape(3, clip.height, clip.width)


TASKS = {
    "geometry": (geometry_of, GEOMETRY),
    "light": (light_of, ["red", "green", "blue"]),
}


def draw(clips, read, rng):
    clip = rng.choice(clips)
    tick = rng.randrange(clip.ticks)
    rows, columns = CROP
    y, x = rng.randrange(clip.height - rows + 1), rng.randrange(clip.width - columns + 1)
    cut = lambda t: t[:, y : y + rows, x : x + columns]
    rgb = random_look(rng)(torch.from_numpy(clip.truth[tick].astype(np.float32) / 255))
    return cut(rgb.T.reshape(3, clip.height, clip.width)), cut(read(clip, tick))


def batch(clips, read, rng, size):
    rgb, maps = zip(*(draw(clips, read, rng) for _ in range(size)))
    return torch.stack(rgb).contiguous(memory_format=torch.channels_last), torch.stack(maps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, help="folder of clips; may be given again")
    parser.add_argument("--out", required=True, help="folder for the weights")
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--minutes", type=float, default=8)
    args = parser.parse_args()
    read, names = TASKS[args.task]
    torch.manual_seed(list(TASKS).index(args.task))
    rng = random.Random(args.task)
    clips = [clip for clip in find_clips(args.data) if clip.has_shade or args.task != "light"]
    rng.shuffle(clips)
    few = max(2, round(HELD_OUT * len(clips)))
    held_out = batch(clips[:few], read, rng, 48)
    net = Reader(len(names)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), RATE)
    begun, told, step = time.time(), 0.0, 0
    while (spent := (time.time() - begun) / 60) < args.minutes:
        rgb, maps = batch(clips[few:], read, rng, BATCH)
        loss = F.smooth_l1_loss(net(rgb), maps, beta=0.1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for group in optimiser.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * spent / args.minutes))
        optimiser.step()
        step += 1
        if spent > told:
            with torch.no_grad():
                guess, true = net(held_out[0]), held_out[1]
                mean = (true - true.mean((0, 2, 3), keepdim=True)).square().mean((0, 2, 3))
                explained = 1 - (guess - true).square().mean((0, 2, 3)) / mean
            print(json.dumps({"step": step, "minutes": round(spent, 1), "loss": round(loss.item(), 4),
                              "explained": {n: round(e.item(), 3) for n, e in zip(names, explained)}}), flush=True)
            told += 1
    net = net.to(memory_format=torch.contiguous_format).eval()
    os.makedirs(args.out, exist_ok=True)
    torch.save(net.features.state_dict(), os.path.join(args.out, f"{args.task}.pt"))
    if args.task != "geometry":
        return
    names = [f"level{i}" for i in range(len(CHANNELS))]
    axes = {name: {0: "n", 2: f"h{i}", 3: f"w{i}"} for i, name in enumerate(names)}
    torch.onnx.export(UnitFeatures(net.features), torch.rand(1, 3, 144, 256), os.path.join(args.out, "perceptual.onnx"),
                      input_names=["x"], output_names=names, dynamic_axes={"x": {0: "n", 2: "h", 3: "w"}, **axes}, dynamo=False)


if __name__ == "__main__":
    main()
