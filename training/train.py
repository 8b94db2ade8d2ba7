"""Trains the default model on clips, on its own rollouts, from the first step on.

    python3 training/train.py --data FOLDER [--data FOLDER] --run FOLDER [--minutes 60] [--device cpu]

Streams roll clips out: the model paints a chunk, and its picture becomes the memory that the next chunk is painted from. At
the start the model is the filled warp, so the streams start as the filled warp's rollouts. What is learnt from are crops of
these chunks, cut mostly where the filled warp is wrong: most of a frame is right already and teaches nothing.
Interrupt and start again at will: the run folder holds all that is needed.
"""

import argparse
import json
import math
import os
import random
import time

import torch

from clips import Pictures, condition, find_clips
from model import CHUNK, NORMAL_X, SIGMA_COVERED, SIGMA_HOLE, Network, network_input

# What is learnt from
STREAMS = 24         # clips rolled out side by side, one chunk of one of them a step
NO_SHADE = 0.3       # share of clips whose shade plane is withheld
GRADED = 0.7         # share of clips in a look of their own
RESTART = 0.05       # chance a chunk that a stream leaves its clip early, so that first chunks stay common
CROP = (80, 128)     # rows and columns, multiples of 16
CROPS = 3            # cut from each chunk
SEEK = 0.75          # share of crops that are cut around an error of the filled warp, the rest anywhere
POOL = 240           # crops held; the oldest go first
BATCH = 6            # crops a step
FIRST_POOL = 60      # crops to begin with
# How
RATE = 1e-3          # peak learning rate unless --rate says another, after WARMUP steps, falling to a twentieth by a cosine over the run's minutes
WARMUP = 200
DECAY = 1e-4
AVERAGE = 0.998      # of the weights; the averaged ones are exported
HOLE_WEIGHT = 2.0    # extra weight of squared error where the cache knows nothing
SECOND_STEP = 0.35   # share of steps that learn the second denoising pass, from the model's own first
FLOW = 0.3           # share of these that start from the truth instead (plain flow matching)
EASY = 5e-5          # a chunk whose mean squared error is below this (43 dB) is as good as right
GRADIENT = 0.25      # weight of the squared error of differences between neighbours: keeps edges sharp
# How often
LOG_SECONDS = 20
SAVE_SECONDS = 180
MEASURE_SECONDS = 900  # on held-out clips


def random_look(rng):
    """A grade for a whole clip: colour mixing, contrast, gamma, sometimes flat steps. sRGB [N, 3] to sRGB [N, 3]."""
    if rng.random() > GRADED:
        return lambda rgb: rgb
    strength = rng.choice([0.08, 0.25])
    mix = torch.eye(3) + strength * torch.tensor([[rng.gauss(0, 1) for _ in range(3)] for _ in range(3)])
    mix = mix / mix.sum(1, keepdim=True).clamp(min=0.5)
    gamma, gain = rng.uniform(0.7, 1.4), rng.uniform(0.8, 1.2)
    levels = rng.choice([0, 0, 0, 4, 6])

    def look(rgb):
        graded = ((rgb.clamp(min=1e-4) ** gamma) @ mix.T * gain).clamp(0, 1)
        if levels:
            # Soft steps: hard ones would alias, which nobody can predict.
            x = graded * levels
            graded = (torch.floor(x) + torch.sigmoid((x - torch.floor(x) - 0.5) * 8)) / levels
        return graded

    return look


class Stream:
    """A clip being rolled out on the model's own pictures."""

    def __init__(self, clips, rng):
        self.clips, self.rng = clips, rng
        self.restart()

    def restart(self):
        clip = self.rng.choice(self.clips)
        self.pictures = Pictures(clip, random_look(self.rng), self.rng.random() > NO_SHADE)
        self.chunk = 0

    def next(self):
        """Control [4,16,H,W], sigma [4,1,H,W], truth and base [4,3,H,W], covered [4,1,H,W] of the next chunk."""
        clip = self.pictures.clip
        if self.chunk >= clip.chunks or (self.chunk > 0 and self.rng.random() < RESTART):
            self.restart()
            clip = self.pictures.clip
        self.ticks = range(self.chunk * clip.chunk, (self.chunk + 1) * clip.chunk)
        return chunk_tensors(self.pictures, self.ticks)

    def remember(self, picture, base):
        """Takes the last frame [3,H,W] of the chunk, painted on `base`, as memory and moves on."""
        remember(self.pictures, self.ticks[-1], picture, base)
        self.chunk += 1


def remember(pictures, tick, picture, base):
    """
    Lets `tick` be remembered as serving does (Conditioner.remember): painted inside of holes, elsewhere the filled warp, in 8 bits.
    """
    inside = pictures.is_inside_of_hole(tick).view(picture.shape[1:])
    kept = torch.where(inside, picture, base)
    rgb = (kept.clamp(0, 1) * 255).round() / 255
    pictures.replace(tick, rgb.reshape(3, -1).T.contiguous())


def chunk_tensors(pictures, ticks):
    clip = pictures.clip
    parts = [condition(pictures, tick) for tick in ticks]
    control = torch.stack([p[0] for p in parts])
    trust = torch.stack([p[1] for p in parts])[:, None]
    covered = torch.stack([p[2] for p in parts])[:, None]
    truth = torch.stack([pictures.truth(t).T.reshape(3, clip.height, clip.width) for t in ticks])
    sigma = SIGMA_HOLE + (SIGMA_COVERED - SIGMA_HOLE) * trust
    return control, sigma, truth, (control[:, :3] + 1) / 2, covered


def cut(tensors, rng):
    """
    One crop of a chunk's tensors, mirrored and with its colours swapped at random, and its scale: the filled warp's mean squared error
    over the chunk times how likelier than chance the crop was, so that seeking errors does not overrate them.
    """
    control, sigma, truth, base, covered = tensors
    rows, columns = CROP
    h, w = base.shape[2:]
    error = ((base - truth) ** 2).mean((0, 1))
    y, x = rng.randrange(h), rng.randrange(w)
    if rng.random() < SEEK:
        at = int(torch.multinomial(error.flatten().clamp(min=1e-9), 1))
        y, x = at // w, at % w
    y = min(max(0, y - rng.randrange(rows)), h - rows)
    x = min(max(0, x - rng.randrange(columns)), w - columns)
    parts = [t[:, :, y : y + rows, x : x + columns] for t in (control, sigma, truth, base, covered)]
    mean = error.mean().item()
    likelier = 1 - SEEK + SEEK * error[y : y + rows, x : x + columns].mean().item() / max(mean, 1e-9)
    scale = (mean + EASY) * likelier
    if rng.random() < 0.5:
        parts = [t.flip(3) for t in parts]
        parts[0] = parts[0].clone()
        parts[0][:, NORMAL_X] *= -1
    colours = rng.sample(range(3), 3)
    control = torch.cat([parts[0][:, 0:3][:, colours], parts[0][:, 3:6][:, colours], parts[0][:, 6:]], 1)
    return control, parts[1].clone(), parts[2][:, colours], parts[3][:, colours], parts[4].clone(), scale


def loss_of(x0, sigma, truth, base, covered, scale):
    """
    Squared error in picture space with holes weighted up, and that of differences, by crop, against the crop's scale: PSNR
    counts ratios, so easy clips count as much as hard ones.
    """
    error = base + sigma * x0 - truth
    weight = 1 + HOLE_WEIGHT * (~covered).float()
    dx = error[..., 1:] - error[..., :-1]
    dy = error[..., 1:, :] - error[..., :-1, :]
    of_crop = lambda e: e.reshape(-1, CHUNK * e[0].numel()).mean(1)
    return ((of_crop(weight * error**2) + GRADIENT * (of_crop(dx**2) + of_crop(dy**2))) / scale).mean()


@torch.no_grad()
def evaluate(net, clips, chunks, device):
    """PSNR of filled warp and model on their own rollouts of held-out clips, one step: (all, uncovered, covered)."""
    net.eval()
    squared = torch.zeros(2, 3)
    count = torch.zeros(3)
    for clip in clips:
        for which in range(2):
            pictures = Pictures(clip, lambda rgb: rgb, True)
            for chunk in range(chunks):
                ticks = range(chunk * clip.chunk, (chunk + 1) * clip.chunk)
                control, sigma, truth, base, covered = chunk_tensors(pictures, ticks)
                picture = base
                if which == 1:
                    noise = torch.randn(base.shape, generator=torch.Generator().manual_seed(chunk))
                    picture = base + sigma * net(network_input(noise, control, torch.ones(CHUNK)).to(device)).cpu()
                remember(pictures, ticks[-1], picture[-1], base[-1])
                error = ((picture.clamp(0, 1) - truth) ** 2).mean(1)
                c = covered[:, 0]
                squared[which] += torch.stack([error.sum(), error[~c].sum(), error[c].sum()])
                if which == 0:
                    count += torch.tensor([error.numel(), (~c).sum(), c.sum()])
    net.train()
    return (-10 * torch.log10(squared / count)).tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, help="folder of clips; may be given again")
    parser.add_argument("--held-out", default=None, help="folder of clips to measure on")
    parser.add_argument("--run", required=True, help="folder for checkpoint and log")
    parser.add_argument("--start", default=None, help="another run's folder: begin with its averaged weights")
    parser.add_argument("--minutes", type=float, default=60, help="of training in all, over all sittings")
    parser.add_argument("--rate", type=float, default=RATE, help="peak learning rate")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    os.makedirs(args.run, exist_ok=True)
    torch.manual_seed(0)
    rng = random.Random(0)
    clips = find_clips(args.data)
    held_out = find_clips([args.held_out])[:4] if args.held_out else []
    net = Network().to(args.device, memory_format=torch.channels_last)
    average = Network().to(args.device)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=DECAY, betas=(0.9, 0.99))
    path = os.path.join(args.run, "checkpoint.pt")
    step, spent = 0, 0.0
    if os.path.exists(path):
        saved = torch.load(path, map_location=args.device, weights_only=True)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["minutes"]
        rng.seed(step)
    elif args.start:
        saved = torch.load(os.path.join(args.start, "checkpoint.pt"), map_location=args.device, weights_only=True)
        net.load_state_dict(saved["average"])
        average.load_state_dict(saved["average"])
    print(f"{len(clips)} clips, {sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, step {step}", flush=True)

    def log(**what):
        line = json.dumps({"step": step, "minutes": round(spent, 1), **what})
        print(line, flush=True)
        with open(os.path.join(args.run, "log.jsonl"), "a") as f:
            f.write(line + "\n")

    def save():
        state = {
            "net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(),
            "step": step, "minutes": spent,
        }
        torch.save(state, path + ".partial")
        os.replace(path + ".partial", path)

    def paint(base, sigma, control):
        """A chunk as it would be served, in one step."""
        with torch.no_grad():
            noisy = torch.randn_like(base)
            x0 = net(network_input(noisy, control, torch.ones(len(base))).to(args.device)).cpu()
        return base + sigma * x0

    streams = [Stream(clips, rng) for _ in range(STREAMS)]
    pool = []
    last = last_log = last_save = last_measure = time.time()
    losses, base_losses, corrections = [], [], []
    while spent < args.minutes:
        while True:
            stream = rng.choice(streams)
            tensors = stream.next()
            pool.extend(cut(tensors, rng) for _ in range(CROPS))
            control, sigma, _, base, _ = tensors
            stream.remember(paint(base, sigma, control)[-1], base[-1])
            if len(pool) >= FIRST_POOL:
                break
        del pool[:-POOL]
        batch = rng.sample(pool, BATCH)
        control, sigma, truth, base, covered = (torch.cat(parts).to(args.device) for parts in list(zip(*batch))[:5])
        scale = torch.tensor([crop[5] for crop in batch], device=args.device)
        noise = torch.randn_like(base)
        ones = torch.ones(len(noise), device=args.device)
        level, noisy = ones, noise
        if rng.random() < SECOND_STEP:
            with torch.no_grad():
                start = net(network_input(noise, control, ones))
            if rng.random() < FLOW:
                start = ((truth - base) / sigma).clamp(-4, 4)
            s = 0.5 if rng.random() < 0.7 else rng.uniform(0.1, 0.9)
            level, noisy = ones * s, (1 - s) * start + s * noise
        x0 = net(network_input(noisy, control, level))
        loss = loss_of(x0, sigma, truth, base, covered, scale)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        rate = args.rate * min(1, (step + 1) / WARMUP) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, spent / args.minutes))))
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        with torch.no_grad():
            decay = min(AVERAGE, (step + 1) / (step + 10))
            for a, b in zip(average.parameters(), net.parameters()):
                a.lerp_(b, 1 - decay)
            losses.append(loss.item())
            base_losses.append(loss_of(torch.zeros_like(x0), sigma, truth, base, covered, scale).item())
            corrections.append((sigma * x0).pow(2).mean().sqrt().item())
        step += 1
        now = time.time()
        spent += (now - last) / 60
        last = now
        if now - last_log > LOG_SECONDS:
            n = len(losses)
            log(loss=round(sum(losses) / n, 4), warp=round(sum(base_losses) / n, 4),
                correction=round(sum(corrections) / n, 4), rate=round(rate, 6), steps_per_min=round(n / (now - last_log) * 60))
            losses, base_losses, corrections, last_log = [], [], [], now
        if now - last_save > SAVE_SECONDS:
            save()
            last = last_save = time.time()
        if held_out and now - last_measure > MEASURE_SECONDS:
            warp, model = evaluate(average, held_out, 8, args.device)
            log(gain={k: round(m - w, 2) for k, w, m in zip(["all", "uncovered", "covered"], warp, model)},
                warp_psnr=[round(v, 2) for v in warp])
            last = last_measure = time.time()
    save()


if __name__ == "__main__":
    main()
