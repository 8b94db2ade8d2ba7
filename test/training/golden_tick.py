"""Compares what training/clips.py makes of the golden clip with what serving made of it: golden_tick.py FOLDER TICK

FOLDER is written by training/dataset/golden.ts. Ends with a line for each channel that differs by more than its tolerance, and where a change of one of
the numbers that both compute with would not be seen.
"""

import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "training"))
import clips  # noqa: E402
from controls import NAMES, STORED  # noqa: E402
from looks import ungraded  # noqa: E402
from model import CHUNK  # noqa: E402
from train import chunk_tensors, remember  # noqa: E402

# Clips hold stored channels and the light in half floats, which are off by at most 2^-11 of a value: the light by 0.0007 powers of two. Serving encodes
# sRGB by a table of 2^14 steps, off by at most half a step where the curve is steepest, 12.92 / 2^15 = 0.0004.
HALF = 2**-11
TABLE = 12.92 / 2**15
CODE = 1 / 255
COLOUR = TABLE + HALF  # of 0..1: a colour's encoding changes by at most 0.44 of its relative change, once for the light of then, once for that of now
TOLERANCES = {
    **{name: HALF for name in STORED},
    **{f"filled warp {part}": 2 * COLOUR for part in ("red", "green", "blue")},  # of -1..1
    **{f"memory {part}": 2 * COLOUR for part in ("red", "green", "blue")},  # a difference of two
    **{f"transfer {part}": 0 for part in ("red", "green", "blue")},  # none in a clip
    "trust of the first frame": 1e-6,
    "trust of memory": 1e-6,
    "doubt": 1e-6,
    "light now": COLOUR,
    "light ratio": 0.001 + 2 * 0.0007,  # serving takes it from a table too, off by at most 0.001; now and then
}
TRUST = 0.6 * TOLERANCES["light ratio"]  # it loses 0.6 of itself a power of two


# Other values of the numbers that are shared with serving: each must be noticed.
CHANGED = {
    "OUTLINE_DOUBT": 0.5, "GUESS_DOUBT": 0.5, "LIGHT_DOUBT": 0.5, "SHADE_FLOOR": 0.03, "MOST_LIGHT_STOPS": 1, "INSIDE": 32, "SUBPIXEL": 512,
}


def differences(folder, tick):
    """What differs by more than its tolerance, a line each."""
    clip = clips.Clip(os.path.join(folder, "clip"))
    read = lambda name, kind: torch.from_numpy(np.fromfile(os.path.join(folder, name), kind))
    served = read("served-control.f32", np.float32).view(len(NAMES), clip.height, clip.width)
    trusted = read("served-trust.f32", np.float32).view(clip.height, clip.width)
    remembered = read("remembered.u8", np.uint8).view(-1, 3).float() / 255
    found = []

    def compare(name, ours, theirs, tolerance):
        worst = (ours - theirs).abs().max().item()
        if not worst <= tolerance:
            found.append(f"{name} differs by up to {worst:.4f}, allowed are {tolerance:.4f}")

    pictures = clips.Pictures(clip, ungraded, True)
    base = chunk_tensors(pictures, 0, False)[3]
    remember(pictures, 0, base[-1])
    # A colour that lies between two 8-bit codes may be rounded either way.
    compare("the remembered picture", pictures.picture(CHUNK - 1), remembered, CODE + 1e-6)
    pictures.replace(CHUNK - 1, remembered)
    control, trust, _ = clips.condition(pictures, tick)
    for i, name in enumerate(NAMES):
        if name not in TOLERANCES:
            raise SystemExit(f"{name} has no tolerance in {__file__}; give it one, with its reason")
        compare(name, control[i], served[i], TOLERANCES[name])
    compare("trust in the filled warp", trust, trusted, TRUST)
    return found


def main():
    folder, tick = sys.argv[1], int(sys.argv[2])
    if found := differences(folder, tick):
        raise SystemExit("\n".join(found))
    for name, value in CHANGED.items():
        right = getattr(clips, name)
        setattr(clips, name, value)
        if not differences(folder, tick):
            raise SystemExit(f"with {name} = {value} for {right} nothing differs: the golden tick does not see it")
        setattr(clips, name, right)


if __name__ == "__main__":
    main()
