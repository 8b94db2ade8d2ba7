"""Trains a network on what a look's transfer paints: clips that dataset/painted.js wrote.

    python3 training/train_painted.py --data FOLDER --held-out FOLDER --run FOLDER --start models/default.json [--minutes 60] [--device cuda]

A network that --start names and that was not taught the transfer goes on blind to it; --fresh-head lets it begin with the filled warp itself. Held-out
clips tell what it gains over the filled warp, and by which share of its correction it would gain most: export.py --shrink takes that.
"""

import argparse

import torch

from controls import NAMES
from loop import BATCH, Run, add_arguments, half_precision
from model import CHUNK, SIZES
from painted import Crops, Decoder, find_painted
from start import starting_weights, widened, without_head

SECOND_STEP = 0.1    # share of steps that learn the second denoising pass, which is seldom asked for
LEAST_CHANGE = 1.5 / 255  # smaller changes are left undone in serving
SHARES = [0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


@torch.no_grad()
def gains(net, clips, device):
    """A network against the filled warp, clip by clip, one step: what it wins in dB with each of SHARES of its correction; mean and worst, and whether clips were transferred."""
    net.eval()
    rows = []
    decode = Decoder(clips[0].steps, device)
    for clip in clips:
        squared = torch.zeros(1 + len(SHARES))
        for number, chunk in enumerate(clip.planes):
            control, sigma, truth, base, _ = decode(chunk.to(device))
            noise = torch.randn(base.shape, generator=torch.Generator().manual_seed(number)).to(device)
            with half_precision(device):
                x0 = net(net.join(noise, control, torch.ones(CHUNK, device=device)))
            change = sigma * x0.float()
            for i, share in enumerate([0.0, *SHARES]):
                kept = share * change * ((share * change).abs() >= LEAST_CHANGE)
                squared[i] += ((base + kept).clamp(0, 1) - truth).square().sum().cpu()
        rows.append((10 * torch.log10(squared[0] / squared[1:])).tolist())
    net.train()
    of = lambda wanted: [row for row, clip in zip(rows, clips) if clip.transferred == wanted]
    mean = lambda rows: [round(sum(column) / len(rows), 3) for column in zip(*rows)]
    found = {"shares": SHARES, "worst": [round(min(column), 3) for column in zip(*rows)]}
    found.update({name: mean(some) for name, some in (("transferred", of(True)), ("plain", of(False))) if some})
    return {**found, "clips": [round(row[-1], 2) for row in rows]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--batch", type=int, default=BATCH, help="crops a step")
    parser.add_argument("--fresh-head", action="store_true", help="keep all of --start but its head: begin with no correction, and with the head of --size")
    parser.add_argument("--size", default="default", choices=SIZES, help="of a new network, or of a new head")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; default: torch's choice")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)

    def begin():
        if not args.start:
            return NAMES, args.size, None
        names, size, weights = starting_weights(args.start)
        weights = widened(names, weights, NAMES)
        if not args.fresh_head:
            return NAMES, size, weights
        if SIZES[args.size].channels != SIZES[size].channels:
            raise SystemExit(f"--size is '{args.size}', and {args.start} has other channels")
        return NAMES, args.size, without_head(weights, SIZES[args.size])

    run = Run(args, begin)
    clips = find_painted(args.data, args.device)
    held_out = find_painted([args.held_out], args.device) if args.held_out else []
    crops = Crops(clips, run.rng, args.device)
    print(f"{len(clips)} clips, {len(crops.chunks)} chunks, {run.parameters / 1e6:.2f} M parameters, step {run.step}", flush=True)
    measure = (lambda net: gains(net, held_out, args.device)) if held_out else None
    run.fit(lambda: crops.batch(args.batch), measure, SECOND_STEP)
    if measure:
        run.log(held_out=measure(run.average))


if __name__ == "__main__":
    main()
