"""The default chunk model: a small convolutional U-Net that predicts the correction to the filled warp.

x0 = (truth - filled warp) / sigma, with sigma small where the cache is trusted and large in holes.
x_s = (1 - s) x0 + s noise; the network predicts x0 (flow matching with x-prediction).
The head starts at zero, so an untrained model is the filled warp, exactly.

No normalisation layers: they break ONNX Runtime's blocked layout on the CPU. Residual branches start at zero instead.
The four frames of a chunk are a batch for the convolutions; 1x1 convolutions over all frames' channels mix them.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

CHUNK = 4
NOISY = 3
CONTROL = 16
CHANNELS = NOISY + CONTROL + 1  # and the noise level
SIZE_MULTIPLE = 16
SIGMA_COVERED = 0.06
SIGMA_HOLE = 0.25
SLOPE = 0.1  # of the activation below zero
STRIDE = 4  # the stem works at a quarter of the resolution


def act(x):
    # Leaky, because without normalisation a plain ReLU network was seen to die at a high learning rate.
    return F.leaky_relu(x, SLOPE)


@dataclass
class Size:
    """Channels at a quarter, an eighth and a sixteenth of the resolution, and residual blocks there."""

    channels: tuple = (48, 96, 128)
    blocks: tuple = (1, 2, 3)


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


class Network(nn.Module):
    def __init__(self, size=Size()):
        super().__init__()
        self.size = size
        a, b, c = size.channels
        na, nb, nc = size.blocks
        self.stem = nn.Conv2d(CHANNELS, a, STRIDE, stride=STRIDE)
        self.enc1 = nn.ModuleList([Residual(a) for _ in range(na)])
        self.down1 = nn.Conv2d(a, b, 2, stride=2)
        self.enc2 = nn.ModuleList([Residual(b) for _ in range(nb)])
        self.mix2 = TimeMix(b)
        self.down2 = nn.Conv2d(b, c, 2, stride=2)
        self.enc3 = nn.ModuleList([Residual(c) for _ in range(nc)])
        self.mix3 = TimeMix(c)
        self.up2 = Up(c, b)
        self.dec2 = nn.ModuleList([Residual(b)])
        self.up1 = Up(b, a)
        self.dec1 = nn.ModuleList([Residual(a) for _ in range(na)])
        self.head = nn.Conv2d(a, 3 * STRIDE * STRIDE, 3, padding=1)
        # At pure noise, where half of the steps are, the noise says nothing: start blind to it.
        nn.init.zeros_(self.stem.weight[:, :NOISY])
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        """x [B*4, 20, H, W] with H, W multiples of 16 to x0 [B*4, 3, H, W]."""
        x1 = act(self.stem(x))
        for block in self.enc1:
            x1 = block(x1)
        x2 = act(self.down1(x1))
        for block in self.enc2:
            x2 = block(x2)
        x2 = self.mix2(x2)
        x3 = act(self.down2(x2))
        for block in self.enc3:
            x3 = block(x3)
        x3 = self.mix3(x3)
        x2 = act(x2 + self.up2(x3))
        for block in self.dec2:
            x2 = block(x2)
        x1 = act(x1 + self.up1(x2))
        for block in self.dec1:
            x1 = block(x1)
        return F.pixel_shuffle(self.head(x1), STRIDE)


def network_input(noisy, control, s):
    """Joins the noisy correction [N,3,H,W], the control tensor [N,16,H,W] and the noise levels [N]."""
    level = s.view(-1, 1, 1, 1).expand(-1, 1, *noisy.shape[2:])
    return torch.cat([noisy, control, level], 1)


def sample(net, control, noise, steps):
    """Few-step sampling, the same as src/diffusion/sampler.ts: returns x0 [N,3,H,W]."""
    x0 = None
    for i in range(steps):
        s = 1 - i / steps
        noisy = noise if x0 is None else (1 - s) * x0 + s * noise
        x0 = net(network_input(noisy, control, torch.full((noise.shape[0],), s, device=noise.device)))
    return x0
