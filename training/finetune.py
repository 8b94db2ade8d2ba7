"""Trains the default model on your own game: recorded takes in, a model that `serve` and `render` take by its path out.

    python3 training/finetune.py TAKES --name mygame [--out out] [--minutes 15] [--device cpu]

TAKES are .mcap files with the engine's picture (truth or colour planes), or folders of them; the last fifth of them by name, at least one, is held out. The others become
clips, which training goes through from the default model on at a low rate. Then OUT/NAME.json and OUT/NAME.onnx are written, and what
both models make of the held-out takes is measured. Interrupt at will (Ctrl-C): the same command goes on from there. Works where Node, torch
and onnx are, after `npm run setup`.
"""

import argparse
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys

TRAINING = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TRAINING)
RATE = 3e-4      # peak; the default model was trained at 1e-3 and would forget at that
LEAST_TICKS = 8  # of a take: two chunks
HELD_OUT = 5     # one take in so many is held out
# glibc gives memory back after every step and asks for it again: on the CPU a quarter of the time goes into page faults without these.
KEEP_MEMORY = {
    "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(8 << 30), "MALLOC_TOP_PAD_": str(128 << 20),
}
# Of evaluate.js's rows: what is printed, and in which way it is better.
MEASURES = {
    "psnr all": "whole frame, dB", "psnr guessed": "guessed, dB", "psnr covered": "covered, dB",
    "perceptual": "perceptual distance", "ssim": "SSIM", "sharpness": "sharpness (1 is the truth's)",
}


def script(*path):
    """The path of a built script."""
    path = os.path.join(ROOT, "dist", *path)
    if not os.path.exists(path):
        raise SystemExit(f"finetune: {path} is not built; run `npm run setup` in {ROOT}")
    return path


def node(*arguments):
    """Runs a built script of this repository to its end."""
    if not shutil.which("node"):
        raise SystemExit("finetune: there is no node on the PATH; install Node 20.12 or newer")
    return subprocess.run(["node", *arguments], capture_output=True, text=True)


def check_torch(device):
    """Ends with what to install where something is missing, before clips are written."""
    missing = [name for name in ("torch", "numpy", "onnx") if not importlib.util.find_spec(name)]
    if missing:
        raise SystemExit(
            f"finetune: {sys.executable} has no {', '.join(missing)}; install with `pip install {' '.join(missing)}`, "
            f"or on Debian `apt-get install {' '.join('python3-' + name for name in missing)}`"
        )
    if device != "cpu":
        import torch

        try:
            torch.zeros(1, device=device)
        except Exception as error:
            raise SystemExit(f"finetune: --device is '{device}', on which torch cannot compute ({error}); leave it out to train on the CPU")


def find_takes(paths):
    """Paths of .mcap files, by name, numbers in the order of numbers."""
    takes = []
    for path in paths:
        if not os.path.exists(path):
            raise SystemExit(f"finetune: there is no {path}; name .mcap files or folders of them")
        inside = [os.path.join(path, name) for name in os.listdir(path)] if os.path.isdir(path) else [path]
        inside = [name for name in inside if name.endswith(".mcap")]
        if not inside:
            raise SystemExit(f"finetune: {path} holds no take (.mcap); record some with `playblast serve --takes {path}` and the addon's PlayblastRecorder")
        takes += inside
    natural = lambda path: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", os.path.basename(path))]
    takes.sort(key=natural)
    by_name = {}
    for take in takes:
        other = by_name.setdefault(os.path.basename(take).split(".")[0], take)
        if other is not take:
            raise SystemExit(f"finetune: {other} and {take} have the same name up to the first dot; rename one of them")
    if len(takes) < 2:
        raise SystemExit(f"finetune: {takes[0]} is the only take; record another one at least, because one is held out to measure on")
    return takes


def check_take(take):
    """Ends with what to switch on where a take cannot be learnt from."""
    found = node(script("cli", "playblast.js"), "inspect", take, "--json")
    if found.returncode:
        raise SystemExit(f"finetune: {last_line(found.stderr).removeprefix('error: ')}. Training needs whole takes; move this one away")
    holds = json.loads(found.stdout)
    frames = holds["frames"]
    planes = {plane["kind"]: plane["frames"] for plane in holds["planes"]}
    if frames < LEAST_TICKS:
        raise SystemExit(f"finetune: {take} has {frames} ticks; expected {LEAST_TICKS} at least, 72 or more teach better")
    pictures = max(planes.get("truth", 0), planes.get("colour", 0))
    for kind, found, what in (("truth", pictures, "the engine's own picture, which is what is learnt; colour will do"), ("depth", planes.get("depth", 0), "depth")):
        if found < frames:
            raise SystemExit(
                f"finetune: {take}: {frames - found} of {frames} ticks have no {kind} plane ({what}). The Godot addon sends it with every "
                f"export that is recorded; in a client of your own add a plane of kind PLANE_KIND_{kind.upper()} to every EngineFrame"
            )
    if planes.get("shade", frames) < frames:
        raise SystemExit(f"finetune: {take}: {frames - planes['shade']} of {frames} ticks have no shade plane; send it with every tick or with none")


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"


def write_clips(takes, folder, args):
    """A clip a take, of its first ticks; clips that are there stay."""
    os.makedirs(folder, exist_ok=True)
    for number, take in enumerate(takes, 1):
        name = os.path.basename(take)[: -len(".mcap")]
        if os.path.exists(os.path.join(folder, f"take-{name}", "meta.json")):
            continue
        print(f"clip {number} of {len(takes)}: {name}", flush=True)
        made = node(script("training", "dataset", "from-takes.js"), "--out", folder, "--ticks", str(args.ticks), "--size", args.size, take)
        if made.returncode:
            raise SystemExit(f"finetune: {take} gave no clip:\n{made.stderr}")


def train(clips, run, args):
    """Runs train.py and says how far it is."""
    command = [
        sys.executable, os.path.join(TRAINING, "train.py"), "--data", clips, "--run", run, "--start", args.start,
        "--minutes", str(args.minutes), "--rate", str(args.rate), "--device", args.device,
        *([] if args.any_look else ["--own-look"]),
    ]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**KEEP_MEMORY, **os.environ})
    try:
        for line in child.stdout:
            at = json.loads(line) if line.startswith("{") else {}
            if "loss" in at:
                print(f"  {at['minutes']:5.1f} of {args.minutes:g} min, step {at['step']}, loss {at['loss']:.4f}, of the filled warp {at['warp']:.4f}", flush=True)
            elif not at:
                print(f"  {line.rstrip()}", flush=True)
        child.wait()
    except KeyboardInterrupt:
        # It ends its step and saves; the terminal has told it already, `kill -INT` has not.
        child.send_signal(signal.SIGINT)
        child.wait()
        raise
    if child.returncode == 130:
        raise KeyboardInterrupt
    if child.returncode:
        raise SystemExit(f"finetune: training failed (exit {child.returncode}); what it said stands above")


def measure(card, takes, args):
    """Rows of evaluate.js by clip, the last of them the mean: what the filled warp scores that the model starts from, and the model of `card`."""
    of_takes = [argument for take in takes for argument in ("--take", take)]
    evaluate = script("training", "evaluate", "evaluate.js")
    made = node(evaluate, "--model", card, "--worlds", "0", "--ticks", str(args.ticks), "--size", args.size, "--json", *of_takes)
    if made.returncode:
        raise SystemExit(f"finetune: {card} could not be measured:\n{made.stderr}")
    found = json.loads(made.stdout)
    clips = {}
    for row in found["rows"] + found["summary"]:
        if row["painter"] != "nearest warp":
            clips.setdefault(row["clip"], {})["model" if row["painter"] == found["model"] else "warp"] = row
    return clips


def report(before, after):
    """Filled warp, model before and after, a line a measure."""
    number = lambda value: f"{value:10.4f}" if value is not None else f"{'-':>10}"
    for clip, was in before.items():
        print(f"\n{clip:30}{'filled warp':>12}{'before':>10}{'after':>10}")
        for key, what in MEASURES.items():
            print(f"  {what:30}" + "".join(number(row[key]) for row in (was["warp"], was["model"], after[clip]["model"])))


def settle(run, settings):
    """A run folder keeps to the takes and settings that it was begun with."""
    path = os.path.join(run, "finetune.json")
    if os.path.exists(path):
        with open(path) as f:
            begun = json.load(f)
        for key, value in settings.items():
            if begun.get(key) != value:
                raise SystemExit(f"finetune: {run} was begun with {key} {begun.get(key)}, now it is {value}; give another --run, or delete that folder")
        return
    os.makedirs(run, exist_ok=True)
    with open(path, "w") as f:
        json.dump(settings, f, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("takes", nargs="+", metavar="TAKES", help="takes (.mcap), or folders of them")
    parser.add_argument("--name", required=True, help="id of the new model")
    parser.add_argument("--out", default="out", help="folder for the model; default: out")
    parser.add_argument("--run", default=None, help="folder for clips and checkpoints; default: training/runs/NAME")
    parser.add_argument("--minutes", type=float, default=15, help="of training in all, over all sittings; default: 15")
    parser.add_argument("--rate", type=float, default=RATE, help=f"peak learning rate; default: {RATE:g}")
    parser.add_argument("--hold-out", type=int, default=None, help="takes to measure on; default: one in five, at least one")
    parser.add_argument("--ticks", type=int, default=96, help="of each take to learn from and to measure; default: 96")
    parser.add_argument("--size", default="256x144", help="at which to learn and to measure, multiples of 16, 128x80 at least; default: 256x144")
    parser.add_argument("--any-look", action="store_true", help="learn the takes in random grades, for first frames in other colours than the game's")
    parser.add_argument("--start", default=os.path.join(ROOT, "models", "default.json"), help="card of the model to begin with; default: the default model")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; default: cpu")
    args = parser.parse_args()
    if not re.fullmatch(r"[\w.-]+", args.name):
        parser.error(f"--name is '{args.name}'; expected letters, digits, '.', '-' and '_'")
    size = re.fullmatch(r"(\d+)x(\d+)", args.size)
    width, height = (int(part) for part in size.groups()) if size else (0, 0)
    if width < 128 or height < 80 or width % 16 or height % 16:
        parser.error(f"--size is '{args.size}'; expected WIDTHxHEIGHT, multiples of 16, 128x80 at least")
    card = os.path.join(args.out, f"{args.name}.json")
    if os.path.abspath(card) == os.path.abspath(args.start):
        parser.error(f"--out and --name would overwrite {args.start}, which training begins with; give another name")
    takes = find_takes(args.takes)
    count = args.hold_out if args.hold_out is not None else max(1, len(takes) // HELD_OUT)
    if not 1 <= count < len(takes):
        parser.error(f"--hold-out is {count}; expected 1 to {len(takes) - 1} of {len(takes)} takes")
    for take in takes:
        check_take(take)
    check_torch(args.device)
    learnt, held_out = takes[:-count], takes[-count:]
    run = args.run or os.path.join(TRAINING, "runs", args.name)
    names = lambda some: [os.path.basename(take) for take in some]
    settle(run, {
        "takes": names(learnt), "held out": names(held_out), "ticks": args.ticks, "size": args.size, "any look": args.any_look,
        "rate": args.rate, "start": os.path.abspath(args.start),
    })
    print(f"{len(learnt)} takes to learn from; held out: {', '.join(names(held_out))}", flush=True)
    try:
        clips = os.path.join(run, "clips")
        write_clips(learnt, clips, args)
        print(f"training for {args.minutes:g} minutes on {args.device}", flush=True)
        train(clips, run, args)
        # Newer torch warns of the exporter that the graphs are made with.
        export = [sys.executable, "-W", "ignore::DeprecationWarning", os.path.join(TRAINING, "export.py")]
        if subprocess.run([*export, "--run", run, "--name", args.name, "--out", args.out]).returncode:
            raise SystemExit("finetune: the export failed; what it said stands above")
        print("measuring both models on what was held out, about a minute a take", flush=True)
        before, after = measure(args.start, held_out, args), measure(card, held_out, args)
        report(before, after)
        with open(os.path.join(run, "measured.json"), "w") as f:
            json.dump({"before": before, "after": after}, f, indent=2)
    except KeyboardInterrupt:
        print(f"\nfinetune: interrupted; the same command goes on from {run}", file=sys.stderr)
        raise SystemExit(130)
    print(f"\nplayblast serve --model {card}\nplayblast render TAKE --model {card} --out shot.mp4")


if __name__ == "__main__":
    main()
