"""Clips as training/dataset writes them, and the sampling of pictures through their correspondence.

The conditioning server wrote, for every pixel, where remembered frames know it; here colours are pulled through these
places, so that looks, and the model's own pictures, can stand in for the recorded ones. The arithmetic
is that of src/conditioning/kernels (sample.ts, control.ts).
"""

import json
import os

import numpy as np
import torch

from controls import (
    COMPUTED, FILLED_WARP, GUESS_DOUBT, INSIDE, LIGHT_DOUBT, MOST_LIGHT_STOPS, NAMES, OUTLINE_DOUBT, SHADE_FLOOR, STORED, SUBPIXEL,
    channel, check_names, colour,
)


def to_linear(rgb):
    return torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055).clamp(min=0) ** 2.4)


def to_srgb(linear):
    linear = linear.clamp(0, 1)
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp(min=1e-6) ** (1 / 2.4) - 0.055)


def luminance(rgb):
    return rgb @ torch.tensor([0.2126, 0.7152, 0.0722], device=rgb.device)


class Clip:
    """One clip, memory-mapped."""

    def __init__(self, folder):
        self.name = os.path.basename(folder)
        path = os.path.join(folder, "meta.json")
        with open(path) as f:
            meta = json.load(f)
        self.controls = meta.get("controls")
        check_names(self.controls, f"{path} (write the clip anew, or train with the list of controls that it was written with)", STORED)
        self.width, self.height, self.ticks = meta["width"], meta["height"], meta["ticks"]
        self.chunk, self.has_shade = meta["chunk"], meta["hasShade"]
        t, h, w = self.ticks, self.height, self.width
        n = h * w
        read = lambda name, kind, shape: np.memmap(os.path.join(folder, name), kind, "r", shape=shape)
        self.truth = read("truth.u8", np.uint8, (t, n, 3))
        self.shade = read("shade.f16", np.float16, (t, n, 3)) if self.has_shade else None
        self.control = read("control.f16", np.float16, (t, len(self.controls), h, w))
        self.corr = read("corr.bin", np.uint8, (t, 2, 12 * n))
        self.fill = read("fill.u32", np.uint32, (t, n))
        self.outline = read("outline.u8", np.uint8, (t, n))
        self.doubt = read("doubt.u8", np.uint8, (t, n))

    @property
    def chunks(self):
        return self.ticks // self.chunk

    def control_of(self, tick, name):
        """A control channel that clips store, [H, W]."""
        return torch.from_numpy(self.control[tick, self.controls.index(name)].astype(np.float32))

    def layer(self, tick, which):
        """(source tick, x, y, taps, trust) of the anchor (0) or memory (1) layer, each [N]."""
        raw, n = self.corr[tick, which], self.width * self.height
        return (
            raw[: 2 * n].view(np.int16).astype(np.int64),
            raw[2 * n : 6 * n].view(np.uint32).astype(np.int64),
            raw[6 * n : 10 * n].view(np.uint32).astype(np.int64),
            raw[10 * n : 11 * n].astype(np.int64),
            raw[11 * n : 12 * n].astype(np.float32) / 255,
        )


def find_clips(roots):
    folders = [os.path.join(root, name) for root in roots for name in sorted(os.listdir(root))]
    return [Clip(f) for f in folders if os.path.exists(os.path.join(f, "meta.json"))]


class Pictures:
    """Source pictures of one clip in one look: the truth until a generated picture replaces it."""

    def __init__(self, clip, look, use_shade):
        self.clip, self.look, self.use_shade = clip, look, use_shade and clip.has_shade
        self.generated = {}
        self._sources = {}
        self._curves = None

    def truth(self, tick):
        """sRGB [N, 3] in 0..1."""
        return self.look(torch.from_numpy(self.clip.truth[tick].astype(np.float32) / 255))

    def shade(self, tick):
        """Linear light [N, 3], or None."""
        if not self.use_shade:
            return None
        return torch.from_numpy(self.clip.shade[tick].astype(np.float32))

    def first_curves(self):
        """Second differences of the first frame's colour freed of light, [N, 6]."""
        if self._curves is None:
            self._curves = _curves(self.source(0)[0], self.clip.height, self.clip.width)
        return self._curves

    def replace(self, tick, picture):
        self.generated[tick] = picture
        self._sources.pop(tick, None)

    def picture(self, tick):
        """sRGB [N, 3] as remembered."""
        return self.generated[tick] if tick in self.generated else self.truth(tick)

    def source(self, tick):
        """(colour freed of light [N, 3], luminance of the light [N])."""
        if tick not in self._sources:
            linear, shade = to_linear(self.picture(tick)), self.shade(tick)
            if shade is None:
                self._sources[tick] = (linear, torch.ones(linear.shape[0]))
            else:
                self._sources[tick] = (linear / shade.clamp(min=SHADE_FLOOR), luminance(shade))
        return self._sources[tick]


def _gather(table, n, width, src, x, y, taps):
    """Bilinear over the usable taps; table [S*N, 4], src an index into S. Returns [P, 4]."""
    fx, fy = (x % SUBPIXEL).float() / SUBPIXEL, (y % SUBPIXEL).float() / SUBPIXEL
    base = src * n + (y // SUBPIXEL) * width + x // SUBPIXEL
    total = torch.zeros(src.shape[0])
    out = torch.zeros(src.shape[0], table.shape[1])
    for tap, (step, weight) in enumerate(
        [(0, (1 - fx) * (1 - fy)), (1, fx * (1 - fy)), (width, (1 - fx) * fy), (width + 1, fx * fy)]
    ):
        use = (taps >> tap) & 1
        weight = weight * use
        out += weight[:, None] * table[(base + step * use).clamp(max=table.shape[0] - 1)]
        total += weight
    return out / total.clamp(min=1e-6)[:, None]


def _curves(paint, height, width):
    """Second differences of [N, 3], across and down, 0 at the border: [N, 6]."""
    grid = paint.view(height, width, 3)
    curves = torch.zeros(height, width, 6)
    curves[:, 1:-1, :3] = grid[:, :-2] - 2 * grid[:, 1:-1] + grid[:, 2:]
    curves[1:-1, :, 3:] = grid[:-2] - 2 * grid[1:-1] + grid[2:]
    return curves.view(-1, 6)


def _bend(curves, n, width, x, y, taps):
    """What bilinear samples at INSIDE places are to lose to become cubic ones (src/conditioning/kernels/sample.ts): [P, 3]."""
    part = [(f * (1 - f) / 2)[:, None] for f in ((x % SUBPIXEL).float() / SUBPIXEL, (y % SUBPIXEL).float() / SUBPIXEL)]
    bent = _gather(curves, n, width, torch.zeros_like(x), x, y, taps)
    return (part[0] * bent[:, :3] + part[1] * bent[:, 3:]) * (taps & INSIDE > 0)[:, None]


def condition(pictures, tick):
    """Control tensor [controls, H, W], trust in the filled warp [H, W] and what the first frame knows [H, W] of one tick, from the pictures' present state."""
    clip = pictures.clip
    h, w, n = clip.height, clip.width, clip.width * clip.height
    anchor = [torch.from_numpy(a) for a in clip.layer(tick, 0)]
    memory = [torch.from_numpy(a) for a in clip.layer(tick, 1)]
    fill = torch.from_numpy(clip.fill[tick].astype(np.int64))
    ticks = torch.unique(torch.cat([anchor[0], memory[0]]))
    ticks = ticks[ticks >= 0].tolist()
    slot = torch.zeros(clip.ticks, dtype=torch.int64)
    table = []
    for i, t in enumerate(ticks):
        slot[t] = i
        albedo, light = pictures.source(t)
        table.append(torch.cat([albedo, light[:, None]], 1))
    table = torch.cat(table)
    shade = pictures.shade(tick)
    now = shade.clamp(min=SHADE_FLOOR) if shade is not None else torch.ones(n, 3)

    anchored = anchor[4] > 0
    answer = [torch.where(anchored, a, m)[fill] for a, m in zip(anchor, memory)]
    warped = _gather(table, n, w, slot[answer[0].clamp(min=0)], *answer[1:4])
    sharp = torch.nonzero(anchored[fill]).squeeze(1)
    bend = _bend(pictures.first_curves(), n, w, *[a[sharp] for a in answer[1:4]])
    warped[sharp, :3] = (warped[sharp, :3] - bend).clamp(min=0)
    base = to_srgb(warped[:, :3] * now)
    known = memory[4] > 0
    second = torch.zeros(n, 3)
    m = [a[known] for a in memory]
    second[known] = to_srgb(_gather(table, n, w, slot[m[0]], *m[1:4])[:, :3] * now[known]) - base[known]

    doubt = torch.from_numpy(clip.doubt[tick].astype(np.float32)) / 255
    light, ratio = torch.zeros(n), torch.zeros(n)
    if shade is not None:
        lum = luminance(shade)
        light = to_srgb(lum)
        ratio = torch.log2((lum + SHADE_FLOOR) / (warped[:, 3] + SHADE_FLOOR)).clamp(-MOST_LIGHT_STOPS, MOST_LIGHT_STOPS)
    computed = {
        **_parts("filled warp", base * 2 - 1),
        **_parts("memory", second),
        "trust of the first frame": anchor[4],
        "trust of memory": memory[4],
        "doubt": doubt,
        "light now": light,
        "light ratio": ratio,
        # Clips are written without materials, and so without a transfer.
        **_parts("transfer", torch.zeros(n, 3)),
    }
    _check_computed(computed)
    control = torch.stack([computed[name].view(h, w) if name in computed else clip.control_of(tick, name) for name in NAMES])
    outline = torch.from_numpy(clip.outline[tick].astype(np.float32))
    guess = 1 - GUESS_DOUBT * doubt
    trust = torch.where(anchored, anchor[4], guess) * (1 - LIGHT_DOUBT * ratio.abs().clamp(max=1)) * (1 - OUTLINE_DOUBT * outline)
    return control, trust.view(h, w), anchored.view(h, w)


def _parts(of, rgb):
    """The channels of a colour [N, 3] by name."""
    return {NAMES[place]: rgb[:, part] for part, place in enumerate(colour(of))}


def _check_computed(computed):
    """What condition() computes must be what the list of controls says is computed here."""
    missing = [name for name in COMPUTED if name not in computed]
    other = [name for name in computed if name not in COMPUTED]
    if missing or other:
        raise NotImplementedError(f"condition() in clips.py does not compute {missing} and computes {other}; see training/controls.json")


def condition_flat(pictures, tick, newest):
    """
    The same for the 2D-conditioned twin, which has no world cache: in place of the warps the newest remembered picture and the first one, where they lie.
    Depth, normals and light are the same maps.
    """
    control, _, known = condition(pictures, tick)
    shape = (3, *known.shape)
    base = pictures.picture(newest).T.reshape(shape)
    control[FILLED_WARP] = base * 2 - 1
    control[colour("memory")] = pictures.picture(0).T.reshape(shape) - base
    control[[channel(name) for name in ("trust of the first frame", "trust of memory", "doubt", "light ratio")]] = 0
    return control, torch.zeros(known.shape), known
