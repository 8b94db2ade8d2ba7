"""Painted clips as dataset/write-painted.ts writes them: what a network is fed, and the truth, in bytes.

What conditioning remembers is what it made itself, so that nothing here depends on a network: a batch is cut, turned and decoded, on whatever device
the bytes lie.
"""

import json
import os

import numpy as np
import torch

from controls import COLOURS, CONTROLS, FILLED_WARP, NAMES, TURNED, channel, check_names
from loop import CROP, SEEK
from model import CHUNK, SIGMA

TRUST = len(NAMES)               # planes behind the controls
TRUTH = [TRUST + 1, TRUST + 2, TRUST + 3]
PLANES = [*NAMES, "trust", "truth red", "truth green", "truth blue"]
TRUTH_STEPS = 255
EASY = 3e-6                      # added to a chunk's squared error: what rounding to bytes leaves, 55 dB
TINTED = 0.6                     # share of crops whose colours are mixed anew
TURNED_OVER = 0.1                # chance that a part of a colour turns over, dark for bright
BLOCK = 16                       # pixels a side of the blocks that errors are counted in
FIRST_FRAME = channel("trust of the first frame")


class PaintedClip:
    """One clip: `planes` uint8 [chunks, CHUNK, P, H, W]."""

    def __init__(self, folder, device):
        self.name = os.path.basename(folder)
        path = os.path.join(folder, "meta.json")
        with open(path) as f:
            meta = json.load(f)
        planes = meta.get("planes")
        if planes != PLANES:
            check_names(planes[: -len(PLANES[TRUST:])] if isinstance(planes, list) else None, f"{path} (write the clip anew)", NAMES)
            raise SystemExit(f"{path}: 'planes' is {', '.join(planes)}; expected {', '.join(PLANES)}. Write the clip anew")
        self.transferred, self.steps = meta["transferred"], meta["steps"]
        shape = (meta["ticks"] // CHUNK, CHUNK, len(planes), meta["height"], meta["width"])
        raw = np.memmap(os.path.join(folder, "planes.u8"), np.uint8, "c", shape=shape)
        # On the CPU the file's own memory serves.
        self.planes = torch.from_numpy(raw) if torch.device(device).type == "cpu" else torch.from_numpy(np.array(raw)).to(device)


def find_painted(roots, device):
    """All clips in some folders."""
    folders = [os.path.join(root, name) for root in roots for name in sorted(os.listdir(root))]
    clips = [PaintedClip(f, device) for f in folders if os.path.exists(os.path.join(f, "meta.json"))]
    if not clips:
        raise SystemExit(f"there is no painted clip in {', '.join(roots)}; write some with dist/training/dataset/painted.js")
    return clips


class Decoder:
    """Turns bytes into what a network is fed."""

    def __init__(self, steps, device):
        ranges = [control["range"] for control in CONTROLS]
        at = lambda values: torch.tensor(values, device=device, dtype=torch.float32).view(1, -1, 1, 1)
        self.least, self.step = at([low for low, _ in ranges]), at([(high - low) / steps for low, high in ranges])
        self.steps = steps

    def __call__(self, planes):
        """Planes uint8 [N,P,H,W] to control, sigma, truth, base and known, as loop.py has them."""
        control = planes[:, :TRUST].float() * self.step + self.least
        sigma = SIGMA * (1 - planes[:, TRUST : TRUST + 1].float() / self.steps)
        truth = planes[:, TRUTH].float() / TRUTH_STEPS
        base = (control[:, FILLED_WARP] + 1) / 2
        return control, sigma, truth, base, planes[:, FIRST_FRAME : FIRST_FRAME + 1] > 0


def random_tint(rng):
    """A matrix [3, 3] and an offset [3] that take colours in 0..1 to colours in 0..1: what is mixed of red, green and blue, its range, and where that lies."""
    rows, offsets = [], []
    for part in range(3):
        row = [rng.uniform(-0.15, 0.3) + (part == of) for of in range(3)]
        span = sum(abs(value) for value in row)
        share = rng.uniform(0.5, 1)
        row = [value * share / span * (-1 if rng.random() < TURNED_OVER else 1) for value in row]
        lowest = sum(min(0, value) for value in row)
        rows.append(row)
        offsets.append(-lowest + rng.uniform(0, 1 - share))
    return rows, offsets


NO_TINT = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [0.0, 0.0, 0.0]


class Crops:
    """Random crops of clips: cut mostly around errors of the filled warp, mirrored, their colours swapped and mixed, which is exact since all of them are sums."""

    def __init__(self, clips, rng, device):
        self.rng, self.device = rng, device
        self.decode = Decoder(clips[0].steps, device)
        self.chunks = [chunk for clip in clips for chunk in clip.planes]
        self.turned = torch.ones(2, len(NAMES), 1, 1, device=device)
        self.turned[1, TURNED] = -1
        self.errors = [self.blocks(chunk) for chunk in self.chunks]

    def blocks(self, chunk):
        """(mean squared error of the filled warp, that of each block of pixels added up from the first on, [blocks])."""
        _, _, truth, base, _ = self.decode(chunk)
        error = ((base - truth) ** 2).mean((0, 1))
        means = torch.nn.functional.avg_pool2d(error[None, None], BLOCK)[0, 0]
        return error.mean().item(), means.cpu().double().flatten().cumsum(0).numpy()

    def place(self, chunk):
        """Where a crop begins."""
        rng, (rows, columns), (height, width) = self.rng, CROP, self.chunks[chunk].shape[2:]
        sums = self.errors[chunk][1]
        y, x = rng.randrange(height), rng.randrange(width)
        if rng.random() < SEEK and sums[-1] > 0:
            block = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
            across = width // BLOCK
            y, x = (min(block, len(sums) - 1) // across * BLOCK + rng.randrange(BLOCK), block % across * BLOCK + rng.randrange(BLOCK))
        return min(max(0, y - rng.randrange(rows)), height - rows), min(max(0, x - rng.randrange(columns)), width - columns)

    def tinted(self, control, truth, base):
        """The same in other colours, a mix for each crop."""
        tints = [random_tint(self.rng) if self.rng.random() < TINTED else NO_TINT for _ in range(len(base) // CHUNK)]
        mix, offset = (torch.tensor(part, device=self.device).repeat_interleave(CHUNK, 0) for part in zip(*tints))
        mixed = lambda rgb: torch.einsum("nij,njhw->nihw", mix, rgb)
        truth, base = (mixed(rgb) + offset[:, :, None, None] for rgb in (truth, base))
        control = control.clone()
        for places in COLOURS:
            control[:, places] = 2 * base - 1 if places == FILLED_WARP else mixed(control[:, places])
        return control, truth, base

    def batch(self, size):
        """A batch as loop.py has it: `size` crops."""
        rng, (rows, columns) = self.rng, CROP
        parts, mirrored, means = [], [], []
        for _ in range(size):
            chunk = rng.randrange(len(self.chunks))
            y, x = self.place(chunk)
            order = list(range(len(PLANES)))
            swap = rng.sample(range(3), 3)
            for places in [*COLOURS, TRUTH]:
                order[places[0] : places[0] + 3] = [places[c] for c in swap]
            part = self.chunks[chunk][:, order, y : y + rows, x : x + columns]
            mirrored.append(int(rng.random() < 0.5))
            parts.append(part.flip(3) if mirrored[-1] else part)
            means.append(self.errors[chunk][0])
        control, sigma, truth, base, known = self.decode(torch.cat(parts))
        here = ((base - truth) ** 2).reshape(size, -1).mean(1)
        turns = torch.tensor(mirrored, device=self.device).repeat_interleave(CHUNK)
        control = control * self.turned[turns]
        control, truth, base = self.tinted(control, truth, base)
        # Seeking errors must not overrate them: a crop counts less by how likelier than chance it was. Nor must paler colours underrate them.
        mean = torch.tensor(means, device=self.device)
        paler = ((base - truth) ** 2).reshape(size, -1).mean(1) / here.clamp(min=1e-9)
        scale = (mean + EASY) * (1 - SEEK + SEEK * here / mean.clamp(min=1e-9)) * paler.clamp(min=0.01)
        return control, sigma, truth, base, known, scale
