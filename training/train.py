"""Trains the default model on clips, on its own rollouts, from the first step on.

    python3 training/train.py --data FOLDER [--data FOLDER] --run FOLDER [--minutes 60] [--device cpu]

Each of a few streams rolls a clip out: the model paints a chunk, learns from its error, and its picture becomes the
memory that the next chunk is painted from. At the start the model is the filled warp, so the streams start as the filled
warp's rollouts. Interrupt and start again at will: the run folder holds all that is needed.
"""

import argparse
import json
import math
import os
import random
import time

import torch

from clips import Pictures, condition, find_clips
from model import CHUNK, SIGMA_COVERED, SIGMA_HOLE, Network, network_input

# What is learnt from
STREAMS = 24         # clips rolled out side by side; many, or a few clips' colours would steer the weights for a minute each
BATCH = 3            # of them, drawn for each step
NO_SHADE = 0.3       # share of clips whose shade plane is withheld
GRADED = 0.7         # share of clips in a look of their own
RESTART = 0.06       # chance a chunk that a stream leaves its clip early, so that first chunks stay common
# How
RATE = 6e-4          # peak learning rate, after WARMUP steps, falling to a twentieth by a cosine over the run's minutes
WARMUP = 100
DECAY = 1e-4
AVERAGE = 0.998      # of the weights; the averaged ones are exported
HOLE_WEIGHT = 2.0    # extra weight of squared error where the cache knows nothing
SECOND_STEP = 0.35   # share of steps that learn the second denoising pass, from the model's own first
FLOW = 0.3           # share of these that start from the truth instead (plain flow matching)
EASY = 0.004         # an error below this (about 46 dB) is as good as none
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

    def remember(self, picture):
        """Takes the last frame [3,H,W] of the chunk as memory, in 8 bits as serving does, and moves on."""
        rgb = (picture.clamp(0, 1) * 255).round() / 255
        self.pictures.replace(self.ticks[-1], rgb.reshape(3, -1).T.contiguous())
        self.chunk += 1


def chunk_tensors(pictures, ticks):
    clip = pictures.clip
    parts = [condition(pictures, tick) for tick in ticks]
    control = torch.stack([p[0] for p in parts])
    trust = torch.stack([p[1] for p in parts])[:, None]
    covered = torch.stack([p[2] for p in parts])[:, None]
    truth = torch.stack([pictures.truth(t).T.reshape(3, clip.height, clip.width) for t in ticks])
    sigma = SIGMA_HOLE + (SIGMA_COVERED - SIGMA_HOLE) * trust
    return control, sigma, truth, (control[:, :3] + 1) / 2, covered


def loss_of(x0, sigma, truth, base, covered):
    """Squared error in picture space with holes weighted up, and that of differences, by chunk, [B]."""
    error = base + sigma * x0 - truth
    weight = 1 + HOLE_WEIGHT * (~covered).float()
    dx = error[..., 1:] - error[..., :-1]
    dy = error[..., 1:, :] - error[..., :-1, :]
    of_chunk = lambda e: e.reshape(-1, CHUNK * e[0].numel()).mean(1)
    return 100 * (of_chunk(weight * error**2) + GRADIENT * (of_chunk(dx**2) + of_chunk(dy**2)))


def relative(loss, warp):
    """The share of the warp's error that is left: PSNR counts ratios, so easy clips count as much as hard ones."""
    return (loss / (warp + EASY)).mean()


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
                rgb = (picture.clamp(0, 1) * 255).round() / 255
                pictures.replace(ticks[-1], rgb[-1].reshape(3, -1).T.contiguous())
                error = ((rgb - truth) ** 2).mean(1)
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
    parser.add_argument("--minutes", type=float, default=60, help="of training in all, over all sittings")
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
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY, betas=(0.9, 0.99))
    path = os.path.join(args.run, "checkpoint.pt")
    step, spent = 0, 0.0
    if os.path.exists(path):
        saved = torch.load(path, map_location=args.device, weights_only=True)
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["minutes"]
        rng.seed(step)
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

    streams = [Stream(clips, rng) for _ in range(STREAMS)]
    last = last_log = last_save = last_measure = time.time()
    losses, base_losses, corrections = [], [], []
    while spent < args.minutes:
        drawn = rng.sample(streams, BATCH)
        batch = [stream.next() for stream in drawn]
        control, sigma, truth, base, covered = (torch.cat(parts).to(args.device) for parts in zip(*batch))
        noise = torch.randn_like(base)
        ones = torch.ones(len(noise), device=args.device)
        level, noisy, keep = ones, noise, None
        if rng.random() < SECOND_STEP:
            with torch.no_grad():
                first = net(network_input(noise, control, ones))
            s = 0.5 if rng.random() < 0.7 else rng.uniform(0.1, 0.9)
            start = first
            if rng.random() < FLOW:
                start = ((truth - base) / sigma).clamp(-4, 4)
                keep = base + sigma * first
            level, noisy = ones * s, (1 - s) * start + s * noise
        x0 = net(network_input(noisy, control, level))
        warp = loss_of(torch.zeros_like(x0), sigma, truth, base, covered)
        loss = loss_of(x0, sigma, truth, base, covered)
        optimiser.zero_grad(set_to_none=True)
        relative(loss, warp).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        rate = RATE * min(1, (step + 1) / WARMUP) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, spent / args.minutes))))
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        with torch.no_grad():
            decay = min(AVERAGE, (step + 1) / (step + 10))
            for a, b in zip(average.parameters(), net.parameters()):
                a.lerp_(b, 1 - decay)
            picture = (base + sigma * x0 if keep is None else keep).cpu()
            for i, stream in enumerate(drawn):
                stream.remember(picture[(i + 1) * CHUNK - 1])
            losses.append(relative(loss, warp).item())
            base_losses.append(relative(warp, warp).item())
            corrections.append((sigma * x0).pow(2).mean().sqrt().item())
        step += 1
        now = time.time()
        spent += (now - last) / 60
        last = now
        if now - last_log > LOG_SECONDS:
            n = len(losses)
            log(loss=round(sum(losses) / n, 4), warp=round(sum(base_losses) / n, 4),
                correction=round(sum(corrections) / n, 4), rate=round(rate, 6), frames_per_s=round(n * BATCH * CHUNK / (now - last_log), 1))
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
