"""Trains the default model on clips.

    python3 training/train.py --data FOLDER [--data FOLDER] --run FOLDER [--minutes 60] [--device cpu]

Streams roll clips out chunk by chunk as serving does, which remembers the filled warp and never what was painted on it: so a rollout needs
no model, and what the model meets in a shot is what it has learnt from. At the start the model is the filled warp. What is learnt from
are crops of these chunks, cut mostly where the filled warp is wrong: most of a frame is right already and teaches nothing. --perceptual FILE adds a loss on features (perceptual.py), a last stage
that buys sharpness where colours are guessed. --twin trains the 2D-conditioned twin that evaluation compares with.
Interrupt and start again at will: the run folder holds all that is needed. What a look's transfer paints is learnt by train_painted.py.
"""

import argparse
import random

import torch

from clips import Pictures, condition, condition_flat, find_clips
from controls import COLOURS, FILLED_WARP, TURNED, UNTRANSFERRED
from looks import random_look, ungraded
from loop import BATCH, CROP, EASY, SEEK, Run, add_arguments
from model import CHUNK, SIGMA
from start import starting_weights

# What is learnt from
STREAMS = 24         # clips rolled out side by side, one chunk of one of them a step
NO_SHADE = 0.3       # share of clips whose shade plane is withheld
RESTART = 0.05       # chance a chunk that a stream leaves its clip early, so that first chunks stay common
CROPS = 3            # cut from each chunk
POOL = 240           # crops held; the oldest go first
FIRST_POOL = 60      # crops to begin with


class Stream:
    """A clip being rolled out."""

    def __init__(self, clips, rng, twin, own_look):
        self.clips, self.rng, self.twin, self.own_look = clips, rng, twin, own_look
        self.restart()

    def restart(self):
        clip = self.rng.choice(self.clips)
        look = ungraded if self.own_look else random_look(self.rng)
        self.pictures = Pictures(clip, look, self.rng.random() > NO_SHADE)
        self.chunk = 0

    def next(self):
        """The tensors (chunk_tensors) of the next chunk."""
        if self.chunk >= self.pictures.clip.chunks or (self.chunk > 0 and self.rng.random() < RESTART):
            self.restart()
        self.chunk += 1
        return chunk_tensors(self.pictures, self.chunk - 1, self.twin)

    def remember(self, picture):
        remember(self.pictures, self.chunk - 1, picture)


def remember(pictures, chunk, picture):
    """Lets a chunk's last frame be remembered as `picture` [3,H,W], in 8 bits: the filled warp (Conditioner.remember), for the twin what it painted."""
    rgb = (picture.clamp(0, 1) * 255).round() / 255
    pictures.replace((chunk + 1) * CHUNK - 1, rgb.reshape(3, -1).T.contiguous())


def chunk_tensors(pictures, chunk, twin):
    """Control [4,controls,H,W], sigma [4,1,H,W], truth and base [4,3,H,W], known [4,1,H,W] of a chunk."""
    clip = pictures.clip
    ticks = range(chunk * CHUNK, (chunk + 1) * CHUNK)
    newest = max(0, chunk * CHUNK - 1)
    parts = [condition_flat(pictures, tick, newest) if twin else condition(pictures, tick) for tick in ticks]
    control, trust, known = (torch.stack(part) for part in zip(*parts))
    truth = torch.stack([pictures.truth(t).T.reshape(3, clip.height, clip.width) for t in ticks])
    return control, SIGMA * (1 - trust[:, None]), truth, (control[:, FILLED_WARP] + 1) / 2, known[:, None]


def cut(tensors, rng, own_look):
    """
    One crop of a chunk's tensors, mirrored at random and, unless `own_look`, with its colours swapped, and its scale: the filled warp's mean squared error
    over the chunk times how likelier than chance the crop was, so that seeking errors does not overrate them.
    """
    control, sigma, truth, base, known = tensors
    rows, columns = CROP
    h, w = base.shape[2:]
    error = ((base - truth) ** 2).mean((0, 1))
    y, x = rng.randrange(h), rng.randrange(w)
    if rng.random() < SEEK:
        at = int(torch.multinomial(error.flatten().clamp(min=1e-9), 1))
        y, x = at // w, at % w
    y = min(max(0, y - rng.randrange(rows)), h - rows)
    x = min(max(0, x - rng.randrange(columns)), w - columns)
    parts = [t[:, :, y : y + rows, x : x + columns] for t in (control, sigma, truth, base, known)]
    mean = error.mean().item()
    likelier = 1 - SEEK + SEEK * error[y : y + rows, x : x + columns].mean().item() / max(mean, 1e-9)
    scale = (mean + EASY) * likelier
    if rng.random() < 0.5:
        parts = [t.flip(3) for t in parts]
        parts[0] = parts[0].clone()
        parts[0][:, TURNED] *= -1
    colours = [0, 1, 2] if own_look else rng.sample(range(3), 3)
    control = parts[0].clone()
    for places in COLOURS:
        control[:, places] = parts[0][:, [places[c] for c in colours]]
    return control, parts[1].clone(), parts[2][:, colours], parts[3][:, colours], parts[4].clone(), scale


@torch.no_grad()
def evaluate(net, clips, device, twin):
    """
    On every third chunk of held-out clips, one step: gain in dB over the filled warp on the same memory (of guesses the filled warp's), and the
    sharpness of both against the truth, a list entry a clip.
    """
    net.eval()
    rows = []
    energy = lambda p: ((p[..., 1:] - p[..., :-1]).square().sum() + (p[..., 1:, :] - p[..., :-1, :]).square().sum()).item()
    for clip in clips:
        pictures = Pictures(clip, ungraded, True)
        squared, sharp = torch.zeros(2, 3), [0.0, 0.0, 0.0]
        for chunk in range(clip.chunks):
            control, sigma, truth, base, known = chunk_tensors(pictures, chunk, twin)
            painted = base
            if twin or chunk % 3 == 2:
                noise = torch.randn(base.shape, generator=torch.Generator().manual_seed(chunk))
                x0 = net(net.join(noise, control, torch.ones(CHUNK)).to(device)).cpu()
                painted = (base + sigma * x0).clamp(0, 1)
            remember(pictures, chunk, painted[-1] if twin else base[-1])
            if chunk % 3 != 2:
                continue
            for which, picture in enumerate((base, painted)):
                error = ((picture - truth) ** 2).mean(1, keepdim=True)
                squared[which] += torch.stack([error.sum(), error[~known].sum(), error[known].sum()])
            for which, picture in enumerate((base, painted, truth)):
                sharp[which] += energy(picture)
        gain = (10 * torch.log10(squared[0] / squared[1])).tolist()
        rows.append([*gain, sharp[0] / sharp[2], sharp[1] / sharp[2]])
    net.train()
    names = ["all", "guessed", "known", "warp_sharpness", "sharpness"]
    return {name: [round(row[i], 2) for row in rows] for i, name in enumerate(names)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--own-look", action="store_true", help="learn the clips' own colours too: no grades, no swapped colours")
    parser.add_argument("--twin", action="store_true", help="train the 2D-conditioned twin, which has no world cache")
    args = parser.parse_args()
    clips = find_clips(args.data)
    held_out = find_clips([args.held_out])[:4] if args.held_out else []
    run = Run(args, lambda: starting_weights(args.start) if args.start else (UNTRANSFERRED, "default", None))
    print(f"{len(clips)} clips, {run.parameters / 1e6:.2f} M parameters, step {run.step}", flush=True)
    net, rng = run.net, run.rng

    def paint(base, sigma, control):
        """A chunk as it would be served, in one step."""
        with torch.no_grad():
            noisy = torch.randn_like(base)
            x0 = net(net.join(noisy, control, torch.ones(len(base))).to(args.device)).cpu()
        return base + sigma * x0

    streams = [Stream(clips, rng, args.twin, args.own_look) for _ in range(STREAMS)]
    pool = []

    def next_batch():
        while True:
            stream = rng.choice(streams)
            tensors = stream.next()
            pool.extend(cut(tensors, rng, args.own_look) for _ in range(CROPS))
            control, sigma, _, base, _ = tensors
            stream.remember((paint(base, sigma, control) if args.twin else base)[-1])
            if len(pool) >= FIRST_POOL:
                break
        del pool[:-POOL]
        batch = rng.sample(pool, BATCH)
        parts = [torch.cat(parts).to(args.device) for parts in list(zip(*batch))[:5]]
        return *parts, torch.tensor([crop[5] for crop in batch], device=args.device)

    measure = lambda average: evaluate(average, held_out, args.device, args.twin)
    run.fit(next_batch, measure if held_out else None)


if __name__ == "__main__":
    main()
