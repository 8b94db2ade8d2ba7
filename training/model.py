"""The default chunk model: a small convolutional U-Net that predicts the correction to the filled warp.

x0 = (truth - filled warp) / sigma, with sigma from 0 where the filled warp can be believed to SIGMA where it is a guess.
x_s = (1 - s) x0 + s noise; the network predicts x0 (flow matching with x-prediction).
The head starts at zero, so an untrained model is the filled warp, exactly.

No normalisation layers: they break ONNX Runtime's blocked layout on the CPU. Residual branches start at zero instead.
The four frames of a chunk are a batch for the convolutions; 1x1 convolutions over all frames' channels mix them.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from controls import NAMES, channel

CHUNK = 4
NOISY = 3
SIZE_MULTIPLE = 16
SIGMA = 0.25
SLOPE = 0.1  # of the activation below zero
TIME_LEVEL = 2  # from here down (an eighth of the resolution) the frames of a chunk see one another


def act(x):
    # Leaky, because without normalisation a plain ReLU network was seen to die at a high learning rate.
    return F.leaky_relu(x, SLOPE)


@dataclass
class Size:
    """Channels at a half, a quarter, an eighth and a sixteenth of the resolution, residual blocks on the way down, and whether the network blends, paints, or both."""

    channels: tuple = (32, 48, 96, 128)
    blocks: tuple = (0, 1, 2, 3)
    blends: bool = False
    paints: bool = True


SIZES = {
    "default": Size(),
    "blending": Size(blends=True),
    "small": Size((24, 32, 48, 64), (0, 1, 1, 1), blends=True, paints=False),
}


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x):
        return act(x + self.second(act(self.first(x))))


class TimeMix(nn.Module):
    """Lets the frames of a chunk see one another: [B*4, C, h, w] as [B, 4C, h, w] through a 1x1 convolution."""

    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        self.mix = nn.Conv2d(CHUNK * channels, CHUNK * channels, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)

    def forward(self, x):
        n, c, h, w = x.shape
        together = x.reshape(n // CHUNK, CHUNK * c, h, w)
        return act(together + self.mix(together)).reshape(n, c, h, w)


class Up(nn.Module):
    """Doubles the resolution by pixel shuffle."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, 4 * outputs, 1)

    def forward(self, x):
        return F.pixel_shuffle(self.conv(x), 2)


class Blend(nn.Module):
    """
    What may be added to the filled warp, pixel by pixel, so that no colour comes out that does not go in, in whatever look: all or part of what the transfer
    alone paints and of memory's answer; the rest that the look has beyond the transfer as a neighbour has it, or as its surroundings have it; a neighbour's
    colour; more or less light. A network that blends says how much of each.

    Where the transfer explains a look, the filled warp is right. So all that does not vanish with the rest is scaled by how much of a rest there is around, up to 1, from `FULL` of
    the range on; in frames without a transfer by 1.
    """

    AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
    BESIDE = [(-1, 0), (0, -1), (0, 1), (1, 0)]
    COUNT = 4 + len(AROUND) + len(BESIDE)
    SURROUNDINGS = 3  # half side, in pixels, of a square
    FULL = 0.1
    # A weight of 1 takes all of it where the filled warp is trusted by half.
    SCALE = 1 / (0.5 * SIGMA)

    def __init__(self, controls):
        super().__init__()
        places = lambda of: slice(NOISY + controls.index(f"{of} red"), NOISY + controls.index(f"{of} red") + 3)
        self.warp, self.memory, self.transfer = (places(of) for of in ("filled warp", "memory", "transfer"))

    def forward(self, weights, painted, x):
        """Weights [N,COUNT,H,W], a free colour [N,3,H,W] or None, and the network's input, to x0 [N,3,H,W]."""
        warp, memory, transfer = (x[:, self.warp] + 1) / 2, x[:, self.memory], x[:, self.transfer]
        mean = lambda plane: F.avg_pool2d(plane, 2 * self.SURROUNDINGS + 1, 1, self.SURROUNDINGS, count_include_pad=False)
        rest = mean(transfer.abs().amax(1, keepdim=True))
        none = (transfer.abs().amax((1, 2, 3), keepdim=True) == 0).to(x.dtype)
        scale = (rest / self.FULL + none).clamp(max=1)
        of_rest = [transfer, memory, mean(transfer) - transfer, *self.moved(transfer, self.AROUND)]
        of_warp = [warp, *self.moved(warp, self.BESIDE)]
        total = lambda parts, first: sum(weights[:, first + i : first + i + 1] * part for i, part in enumerate(parts))
        scaled = total(of_warp, len(of_rest))
        if painted is not None:
            scaled = scaled + painted
        return self.SCALE * (total(of_rest, 0) + scale * scaled)

    @staticmethod
    def moved(plane, ways):
        """A plane's neighbours minus itself."""
        height, width = plane.shape[2:]
        around = F.pad(plane, (1, 1, 1, 1), mode="replicate")
        return [around[:, :, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] - plane for dy, dx in ways]


class Network(nn.Module):
    """Works where it is cheap and thinks where it is far-sighted: half resolution on the rim keeps edges, a sixteenth sees far. `controls` names the channels that it takes, in its order; its card lists them."""

    def __init__(self, controls=NAMES, size=Size()):
        super().__init__()
        self.controls, self.size = list(controls), size
        self.channels = NOISY + len(self.controls) + 1  # and the noise level
        levels = range(len(size.channels))
        inputs = (self.channels, *size.channels[:-1])
        self.down = nn.ModuleList([nn.Conv2d(i, o, 2, stride=2) for i, o in zip(inputs, size.channels)])
        self.encode = nn.ModuleList([nn.ModuleList([Residual(c) for _ in range(n)]) for c, n in zip(size.channels, size.blocks)])
        self.mix = nn.ModuleList([TimeMix(c) if level >= TIME_LEVEL else nn.Identity() for level, c in zip(levels, size.channels)])
        self.up = nn.ModuleList([Up(i, o) for o, i in zip(size.channels, size.channels[1:])])
        self.decode = nn.ModuleList([Residual(c) for c in size.channels[:-1]])
        self.blend = Blend(self.controls) if size.blends else None
        self.head = nn.Conv2d(size.channels[0], 4 * (3 * size.paints + Blend.COUNT * size.blends), 3, padding=1)
        # At pure noise, where half of the steps are, the noise says nothing: start blind to it.
        nn.init.zeros_(self.down[0].weight[:, :NOISY])
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def join(self, noisy, control, s):
        """The network's input: the noisy correction [N,3,H,W], what it takes of the control tensor [N,controls,H,W], the noise levels [N]."""
        level = s.view(-1, 1, 1, 1).expand(-1, 1, *noisy.shape[2:])
        taken = [control[:, place : place + 1] for place in map(channel, self.controls)]
        return torch.cat([noisy, *taken, level], 1).contiguous(memory_format=torch.channels_last)

    def forward(self, x):
        """x [B*4, channels, H, W] with H, W multiples of 16 to x0 [B*4, 3, H, W]."""
        given, skips = x, []
        for down, blocks, mix in zip(self.down, self.encode, self.mix):
            x = act(down(x))
            for block in blocks:
                x = block(x)
            x = mix(x)
            skips.append(x)
        for up, block, skip in zip(reversed(self.up), reversed(self.decode), reversed(skips[:-1])):
            x = block(act(skip + up(x)))
        out = F.pixel_shuffle(self.head(x), 2)
        if self.blend is None:
            return out
        return self.blend(out[:, -Blend.COUNT :], out[:, :3] if self.size.paints else None, given)


def sample(net, control, noise, steps):
    """Few-step sampling, the same as src/diffusion/sampler.ts: returns x0 [N,3,H,W]."""
    x0 = None
    for i in range(steps):
        s = 1 - i / steps
        noisy = noise if x0 is None else (1 - s) * x0 + s * noise
        x0 = net(net.join(noisy, control, torch.full((noise.shape[0],), s, device=noise.device)))
    return x0
