"""Trains the default model on clips.

    python3 training/train.py --data FOLDER [--data FOLDER] --run FOLDER [--minutes 60] [--device cpu]

Streams roll clips out chunk by chunk as serving does, which remembers the filled warp and never what was painted on it: so a rollout needs
no model, and what the model meets in a shot is what it has learnt from. At the start the model is the filled warp. What is learnt from
are crops of these chunks, cut mostly where the filled warp is wrong: most of a frame is right already and teaches nothing. --perceptual FILE adds a loss on features (perceptual.py), a last stage
that buys sharpness where colours are guessed. --twin trains the 2D-conditioned twin that evaluation compares with.
Interrupt and start again at will: the run folder holds all that is needed.
"""

import argparse
import json
import math
import os
import random
import signal
import time

import onnx
import onnx.numpy_helper
import torch

from checkpoint import load_run
from clips import Pictures, condition, condition_flat, find_clips
from controls import COLOURS, FILLED_WARP, NAMES, TURNED, check_names
from looks import random_look, ungraded
from model import CHUNK, SIGMA, Network
from perceptual import load_features

# What is learnt from
STREAMS = 24         # clips rolled out side by side, one chunk of one of them a step
NO_SHADE = 0.3       # share of clips whose shade plane is withheld
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
MEASURE_SECONDS = 600  # on held-out clips


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


def starting_weights(path):
    """
    The names of the controls that a network takes, and its weights: the averaged ones of a run's folder, or those of an exported model, given by its card
    (.json), or by its graph (.onnx) where that takes all controls.
    """
    if os.path.isdir(path):
        saved = load_run(path)
        return saved["controls"], saved["average"]
    if not os.path.exists(path):
        raise SystemExit(f"--start is '{path}', which is not there; expected a run's folder, a model card (.json) or a graph (.onnx)")
    names = NAMES
    if path.endswith(".json"):
        with open(path) as f:
            card = json.load(f)
        names = card.get("controls")
        check_names(names, path)
        path = os.path.join(os.path.dirname(path), card["weights"])
    # An exported graph keeps the parameters' names.
    weights = {i.name: torch.tensor(onnx.numpy_helper.to_array(i)) for i in onnx.load(path).graph.initializer}
    wanted = Network(names).state_dict()
    wrong = [
        f"{name} is {list(weights[name].shape) if name in weights else 'missing'}, expected {list(value.shape)}"
        for name, value in wanted.items() if name not in weights or weights[name].shape != value.shape
    ] + [f"{name} is not known here" for name in weights if name not in wanted]
    if wrong:
        raise SystemExit(f"{path}: {len(wrong)} weights are not those of the network in model.py; the first: {wrong[0]}")
    return names, weights


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", required=True, help="folder of clips; may be given again")
    parser.add_argument("--held-out", default=None, help="folder of clips to measure on")
    parser.add_argument("--run", required=True, help="folder for checkpoint and log")
    parser.add_argument("--start", default=None, help="begin with the averaged weights of another run's folder, or with an exported model (card or graph)")
    parser.add_argument("--minutes", type=float, default=60, help="of training in all, over all sittings")
    parser.add_argument("--rate", type=float, default=RATE, help="peak learning rate")
    parser.add_argument("--perceptual", default=None, help="features (perceptual.py --task light) whose distance is a loss too")
    parser.add_argument("--own-look", action="store_true", help="learn the clips' own colours too: no grades, no swapped colours")
    parser.add_argument("--twin", action="store_true", help="train the 2D-conditioned twin, which has no world cache")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    os.makedirs(args.run, exist_ok=True)
    torch.manual_seed(0)
    rng = random.Random(0)
    clips = find_clips(args.data)
    held_out = find_clips([args.held_out])[:4] if args.held_out else []
    features = load_features(args.perceptual).to(args.device) if args.perceptual else None
    path = os.path.join(args.run, "checkpoint.pt")
    saved = load_run(args.run, args.device) if os.path.exists(path) else None
    names, weights = NAMES, None
    if saved:
        names = saved["controls"]
    elif args.start:
        names, weights = starting_weights(args.start)
    net = Network(names).to(args.device, memory_format=torch.channels_last)
    average = Network(names).to(args.device)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=DECAY, betas=(0.9, 0.99))
    step, spent = 0, 0.0
    if saved:
        net.load_state_dict(saved["net"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["minutes"]
        rng.seed(step)
    elif weights:
        net.load_state_dict(weights)
        average.load_state_dict(weights)
    print(f"{len(clips)} clips, {sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, step {step}", flush=True)

    def log(**what):
        line = json.dumps({"step": step, "minutes": round(spent, 1), **what})
        print(line, flush=True)
        with open(os.path.join(args.run, "log.jsonl"), "a") as f:
            f.write(line + "\n")

    def save():
        state = {
            "net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(),
            "controls": names, "step": step, "minutes": spent,
        }
        torch.save(state, path + ".partial")
        os.replace(path + ".partial", path)

    def paint(base, sigma, control):
        """A chunk as it would be served, in one step."""
        with torch.no_grad():
            noisy = torch.randn_like(base)
            x0 = net(net.join(noisy, control, torch.ones(len(base))).to(args.device)).cpu()
        return base + sigma * x0

    streams = [Stream(clips, rng, args.twin, args.own_look) for _ in range(STREAMS)]
    pool = []
    last = last_log = last_save = last_measure = time.time()
    losses, base_losses, corrections, distances = [], [], [], []
    interrupted = []
    signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    while spent < args.minutes and not interrupted:
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
        control, sigma, truth, base, known = (torch.cat(parts).to(args.device) for parts in list(zip(*batch))[:5])
        scale = torch.tensor([crop[5] for crop in batch], device=args.device)
        noise = torch.randn_like(base)
        ones = torch.ones(len(noise), device=args.device)
        level, noisy = ones, noise
        if rng.random() < SECOND_STEP:
            with torch.no_grad():
                start = net(net.join(noise, control, ones))
            if rng.random() < FLOW:
                start = ((truth - base) / sigma.clamp(min=LEAST_SIGMA)).clamp(-4, 4)
            s = 0.5 if rng.random() < 0.7 else rng.uniform(0.1, 0.9)
            level, noisy = ones * s, (1 - s) * start + s * noise
        x0 = net(net.join(noisy, control, level))
        loss = loss_of(x0, sigma, truth, base, known, scale)
        if features:
            distance = perceptual_loss(features, base + sigma * x0, truth)
            loss = loss + PERCEPTUAL * distance
            distances.append(distance.item())
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
            base_losses.append(loss_of(torch.zeros_like(x0), sigma, truth, base, known, scale).item())
            corrections.append((sigma * x0).pow(2).mean().sqrt().item())
        step += 1
        now = time.time()
        spent += (now - last) / 60
        last = now
        if now - last_log > LOG_SECONDS:
            n = len(losses)
            if distances:
                log(perceptual=round(sum(distances) / n, 4))
            log(loss=round(sum(losses) / n, 4), warp=round(sum(base_losses) / n, 4),
                correction=round(sum(corrections) / n, 4), rate=round(rate, 6), steps_per_min=round(n / (now - last_log) * 60))
            losses, base_losses, corrections, distances, last_log = [], [], [], [], now
        if now - last_save > SAVE_SECONDS:
            save()
            last = last_save = time.time()
        if held_out and now - last_measure > MEASURE_SECONDS:
            log(held_out=evaluate(average, held_out, args.device, args.twin))
            last = last_measure = time.time()
    save()
    if interrupted:
        raise SystemExit(130)


if __name__ == "__main__":
    main()
