"""The channels of the control tensor, and the numbers that training computes with as serving does.

Both stand in controls.json, which the build writes from src/conditioning/controls.ts: change them there, then `npm run build:all`.
"""

import json
import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "controls.json")) as _file:
    _contract = json.load(_file)

CONTROLS = _contract["controls"]
NAMES = [control["name"] for control in CONTROLS]
STORED = [control["name"] for control in CONTROLS if control["training"] == "stored"]      # read from clips
COMPUTED = [control["name"] for control in CONTROLS if control["training"] == "computed"]  # made by clips.py

SHADE_FLOOR = _contract["constants"]["SHADE_FLOOR"]
MOST_LIGHT_STOPS = _contract["constants"]["MOST_LIGHT_STOPS"]
OUTLINE_DOUBT = _contract["constants"]["OUTLINE_DOUBT"]
GUESS_DOUBT = _contract["constants"]["GUESS_DOUBT"]
LIGHT_DOUBT = _contract["constants"]["LIGHT_DOUBT"]
SUBPIXEL = _contract["constants"]["SUBPIXEL"]
INSIDE = _contract["constants"]["INSIDE"]


def channel(name):
    """Place of a channel in the control tensor."""
    return NAMES.index(name)


def colour(of):
    """Places of the red, green and blue of a colour."""
    parts = {c["colour"]["part"]: channel(c["name"]) for c in CONTROLS if c.get("colour", {}).get("of") == of}
    return [parts[part] for part in ("red", "green", "blue")]


FILLED_WARP = colour("filled warp")
TRANSFER = colour("transfer")
UNTRANSFERRED = [name for i, name in enumerate(NAMES) if i not in TRANSFER]  # what a network is told that has not learnt what a look's transfer paints
COLOURS = [colour(of) for of in dict.fromkeys(c["colour"]["of"] for c in CONTROLS if "colour" in c)]
TURNED = [channel(c["name"]) for c in CONTROLS if c["mirrored"] == -1]  # their sign, where a picture is mirrored


def check_names(names, where, wanted=None):
    """
    Ends with what is wrong in a list of names of controls: it is none, a name is not known or comes twice, or, where a list of `wanted` ones is given,
    one of these is missing or another is there.
    """
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise SystemExit(f"{where}: 'controls' is {'missing' if names is None else json.dumps(names)[:80]}, expected a list of names of controls")
    for i, name in enumerate(names):
        if name not in NAMES:
            raise SystemExit(f"{where}: 'controls' names '{name}', which is not known here; known are {', '.join(NAMES)}")
        if name in names[:i]:
            raise SystemExit(f"{where}: 'controls' names '{name}' twice")
    if wanted is not None:
        missing = [name for name in wanted if name not in names]
        other = [name for name in names if name not in wanted]
        if missing or other:
            what = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"holds {', '.join(other)}"] * bool(other)
            raise SystemExit(f"{where}: 'controls' {' and '.join(what)}; expected {', '.join(wanted)}")
