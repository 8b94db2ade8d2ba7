"""The loop that a network is trained in, whatever its batches are made of.

A batch is what crops [B] of chunks of four frames hold: control [4B,controls,H,W], sigma [4B,1,H,W], truth and base, the filled warp, [4B,3,H,W],
known [4B,1,H,W], which is where the first frame answers, and scale [B], which a crop's loss is divided by.
"""

import contextlib
import json
import math
import os
import random
import signal
import time

import torch

from checkpoint import load_run
from model import CHUNK, SIZES, Network
from perceptual import load_features

# What a crop is
CROP = (80, 128)     # rows and columns, multiples of 16
SEEK = 0.75          # share of crops that are cut around an error of the filled warp, the rest anywhere
BATCH = 6            # crops a step
# How
RATE = 1e-3          # peak learning rate unless --rate says another, after a warm-up, falling to a twentieth by a cosine over the run's minutes
WARMUP = 200         # steps, unless --warmup says another number
DECAY = 1e-4
AVERAGE = 0.998      # of the weights; the averaged ones are exported
GUESS_WEIGHT = 1.0   # extra weight of squared error where the first frame knows nothing
SECOND_STEP = 0.35   # share of steps that learn the second denoising pass, from the model's own first
FLOW = 0.3           # share of these that start from the truth instead (plain flow matching)
LEAST_SIGMA = 0.01   # below it there is nothing to correct
EASY = 1e-5          # a chunk whose mean squared error is below this (50 dB) is as good as right
GRADIENT = 0.25      # weight of the squared error of differences between neighbours: keeps edges sharp
PERCEPTUAL = 60.0    # weight of the perceptual distance, about 0.01 in a crop, where --perceptual gives its features
# How often
LOG_SECONDS = 20
SAVE_SECONDS = 180
MEASURE_SECONDS = 600  # on held-out clips, unless --measure-seconds says otherwise


def add_arguments(parser):
    """What every training run is told."""
    parser.add_argument("--data", action="append", required=True, help="folder of clips; may be given again")
    parser.add_argument("--held-out", default=None, help="folder of clips to measure on")
    parser.add_argument("--run", required=True, help="folder for checkpoint and log")
    parser.add_argument("--start", default=None, help="begin with the averaged weights of another run's folder, or with an exported model (card or graph)")
    parser.add_argument("--minutes", type=float, default=60, help="of training in all, over all sittings")
    parser.add_argument("--rate", type=float, default=RATE, help="peak learning rate")
    parser.add_argument("--warmup", type=int, default=WARMUP, help="steps in which the rate rises")
    parser.add_argument("--perceptual", default=None, help="features (perceptual.py --task light) whose distance is a loss too")
    parser.add_argument("--measure-seconds", type=float, default=MEASURE_SECONDS, help="between measurements on held-out clips")
    parser.add_argument("--device", default="cpu")


def half_precision(device):
    """Where a network's products may be computed in bfloat16: on CUDA. On CPUs it is slower or no faster; losses are in single precision anywhere."""
    on = torch.device(device).type == "cuda"
    return torch.autocast("cuda", torch.bfloat16) if on else contextlib.nullcontext()


def loss_of(x0, sigma, truth, base, known, scale):
    """
    Squared error in picture space with guesses weighted up, and that of differences, by crop, against the crop's scale: PSNR
    counts ratios, so easy clips count as much as hard ones.
    """
    error = base + sigma * x0 - truth
    weight = 1 + GUESS_WEIGHT * (~known).float()
    dx = error[..., 1:] - error[..., :-1]
    dy = error[..., 1:, :] - error[..., :-1, :]
    of_crop = lambda e: e.reshape(-1, CHUNK * e[0].numel()).mean(1)
    return ((of_crop(weight * error**2) + GRADIENT * (of_crop(dx**2) + of_crop(dy**2))) / scale).mean()


def perceptual_loss(features, painted, truth):
    """LPIPS-like distance of pictures [N,3,H,W], as training/evaluate measures it with other features."""
    layout = torch.channels_last
    with torch.no_grad():
        wanted = features(truth.contiguous(memory_format=layout))
    pairs = zip(features(painted.contiguous(memory_format=layout)), wanted)
    return sum((a - b).square().sum(1).mean() for a, b in pairs) / len(wanted)


class Run:
    """A network in training, its averaged weights, its optimiser, and the folder that keeps them. `begin` gives a new run's names of controls, size of the network, and weights or None."""

    def __init__(self, args, begin):
        self.args = args
        os.makedirs(args.run, exist_ok=True)
        torch.manual_seed(0)
        self.rng = random.Random(0)
        self.path = os.path.join(args.run, "checkpoint.pt")
        self.features = load_features(args.perceptual).to(args.device) if args.perceptual else None
        saved = load_run(args.run, args.device) if os.path.exists(self.path) else None
        names, self.size, weights = (saved["controls"], saved.get("size", "default"), None) if saved else begin()
        self.net = Network(names, SIZES[self.size]).to(args.device, memory_format=torch.channels_last)
        self.average = Network(names, SIZES[self.size]).to(args.device)
        self.average.load_state_dict(self.net.state_dict())
        self.optimiser = torch.optim.AdamW(self.net.parameters(), args.rate, weight_decay=DECAY, betas=(0.9, 0.99))
        self.step, self.spent = 0, 0.0
        if saved:
            self.net.load_state_dict(saved["net"])
            self.average.load_state_dict(saved["average"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.step, self.spent = saved["step"], saved["minutes"]
            self.rng.seed(self.step)
        elif weights:
            self.net.load_state_dict(weights)
            self.average.load_state_dict(weights)

    @property
    def parameters(self):
        return sum(p.numel() for p in self.net.parameters())

    def log(self, **what):
        line = json.dumps({"step": self.step, "minutes": round(self.spent, 1), **what})
        print(line, flush=True)
        with open(os.path.join(self.args.run, "log.jsonl"), "a") as f:
            f.write(line + "\n")

    def save(self):
        state = {
            "net": self.net.state_dict(), "average": self.average.state_dict(), "optimiser": self.optimiser.state_dict(),
            "controls": self.net.controls, "size": self.size, "step": self.step, "minutes": self.spent,
        }
        torch.save(state, self.path + ".partial")
        os.replace(self.path + ".partial", self.path)

    def fit(self, next_batch, measure=None, second_step=SECOND_STEP):
        """
        Trains for the run's minutes, or until it is interrupted, which ends the process with 130. `measure` gives figures of a network on held-out clips; a share
        `second_step` of steps learns the second denoising pass.
        """
        net, args, rng = self.net, self.args, self.rng
        last = last_log = last_save = last_measure = time.time()
        sums = {}
        interrupted = []
        signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
        while self.spent < args.minutes and not interrupted:
            control, sigma, truth, base, known, scale = next_batch()
            noise = torch.randn_like(base)
            ones = torch.ones(len(noise), device=base.device)
            level, noisy = ones, noise
            if rng.random() < second_step:
                with torch.no_grad(), half_precision(args.device):
                    start = net(net.join(noise, control, ones)).float()
                if rng.random() < FLOW:
                    start = ((truth - base) / sigma.clamp(min=LEAST_SIGMA)).clamp(-4, 4)
                s = 0.5 if rng.random() < 0.7 else rng.uniform(0.1, 0.9)
                level, noisy = ones * s, (1 - s) * start + s * noise
            with half_precision(args.device):
                x0 = net(net.join(noisy, control, level))
            x0 = x0.float()
            loss = loss_of(x0, sigma, truth, base, known, scale)
            found = {"loss": loss.detach()}
            if self.features:
                found["perceptual"] = perceptual_loss(self.features, base + sigma * x0, truth)
                loss = loss + PERCEPTUAL * found["perceptual"]
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            rate = args.rate * min(1, (self.step + 1) / args.warmup) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, self.spent / args.minutes))))
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            self.optimiser.step()
            with torch.no_grad():
                decay = min(AVERAGE, (self.step + 1) / (self.step + 10))
                for a, b in zip(self.average.parameters(), net.parameters()):
                    a.lerp_(b, 1 - decay)
                found["warp"] = loss_of(torch.zeros_like(x0), sigma, truth, base, known, scale)
                found["correction"] = (sigma * x0).pow(2).mean().sqrt()
                for key, value in found.items():
                    # Sums stay where they are computed: asking a GPU for each number would make it wait.
                    sums[key] = sums.get(key, 0) + value.detach()
            sums["steps"] = sums.get("steps", 0) + 1
            self.step += 1
            now = time.time()
            self.spent += (now - last) / 60
            last = now
            if now - last_log > LOG_SECONDS:
                n = sums.pop("steps")
                means = {key: round(float(value) / n, 4) for key, value in sums.items()}
                self.log(**means, rate=round(rate, 6), steps_per_min=round(n / (now - last_log) * 60))
                sums, last_log = {}, now
            if now - last_save > SAVE_SECONDS:
                self.save()
                last = last_save = time.time()
            if measure and now - last_measure > args.measure_seconds:
                self.log(held_out=measure(self.average))
                last = last_measure = time.time()
        self.save()
        if interrupted:
            raise SystemExit(130)
