"""Looks to train in: a random grade for a whole clip, in the first frame and in every other."""

import torch

GRADED = 0.7  # share of clips in a look of their own


def ungraded(rgb):
    """No grade: sRGB [N, 3] as recorded."""
    return rgb


def random_look(rng):
    """A grade for a whole clip: colour mixing, contrast, gamma, sometimes flat steps. sRGB [N, 3] to sRGB [N, 3]."""
    if rng.random() > GRADED:
        return ungraded
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
