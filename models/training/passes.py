"""The encoder as the product runs it: one pass over the picture, or two as in SE-CBIR."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from models.training.network import Described, Encoder
from models.training.saliency import enlarged, likeliest_map


@dataclass
class Seen:
    """What the passes say of n pictures.

    With two networks joined, what was 256 channels is 512: the second network's, then the
    first one's.

    Attributes:
        feature_map: (n, channels, h, w), scaled so that its mean over positions is ``embedding``.
        embedding: (n, channels), of length 1.
        logits: (n, classes).
        terms: (n, classes, h, w), evidence by position: the mean over positions is ``logits``.
        early: `Described.early` of the network that describes.
        codes: `Described.codes` of the network that describes.
        saliency: map of the first pass, (n, h, w) in [0, 1]; None where none was made.
    """

    feature_map: Tensor
    embedding: Tensor
    logits: Tensor
    terms: Tensor
    early: Tensor
    codes: dict[int, Tensor]
    saliency: Tensor | None = None


class Passes(nn.Module):
    """Describes pictures as the shipped graph does, up to `Whitening`.

    With a guided encoder, the class map of the likeliest class by the first network goes into the
    second one as fourth channel (Gassner et al. 2023). It takes the way of the training maps,
    through a grid of `saliency.SIDE`, so that the second network is given what it was trained
    with.

    Args:
        encoder: the network that describes.
        first: the network that looks first; None for one pass.
        joined: whether the first network's description counts as well, and not its map alone.

    Raises:
        ValueError: a guided encoder without a first network, or a first network for nothing.
    """

    def __init__(
        self, encoder: Encoder, first: Encoder | None = None, *, joined: bool = False
    ) -> None:
        super().__init__()
        if (first is not None) != (encoder.guided or joined):
            raise ValueError("a first network looks for a guided encoder, or is joined with one")
        self.encoder, self.first, self.joined = encoder, first, joined
        self.eval()

    @property
    def architecture(self) -> str:
        """The networks in words."""
        words = f"EfficientNet-{self.encoder.size.title()}"
        if self.first is None:
            return words
        first = f"EfficientNet-{self.first.size.title()}"
        if self.encoder.guided:
            words += f", guided by the class map of a first {first} as fourth channel"
            return f"{words}; the descriptions of both are joined" if self.joined else words
        return f"{words} and {first}, whose descriptions are joined"

    def forward(self, pixels: Tensor) -> Seen:
        """Describe float RGB (n, 3, s, s) in [0, 255]."""
        if self.first is None:
            return _seen([self.encoder], [self.encoder(pixels)])
        first = self.first(pixels)
        saliency = None
        if self.encoder.guided:
            saliency = likeliest_map(self.first.class_terms(first), first.logits)
            described = self.encoder(pixels, enlarged(saliency, pixels.shape[2]))
        else:
            described = self.encoder(pixels)
        if self.joined:
            seen = _seen([self.encoder, self.first], [described, first])
        else:
            seen = _seen([self.encoder], [described])
        return seen if saliency is None else replace(seen, saliency=saliency[:, 0])


def _seen(encoders: Sequence[Encoder], described: Sequence[Described]) -> Seen:
    """Join what networks say of the same pictures; codes and texture are the first one's."""
    maps = [one.feature_map.float() for one in described]
    units = [m / m.mean((2, 3), keepdim=True).norm(dim=1, keepdim=True) for m in maps]
    feature_map = torch.cat(units, 1) / math.sqrt(len(units))
    terms = [e.class_terms(d) for e, d in zip(encoders, described, strict=True)]
    return Seen(
        feature_map=feature_map,
        embedding=feature_map.mean((2, 3)),
        logits=torch.stack([one.logits for one in described]).mean(0),
        terms=torch.stack(terms).mean(0),
        early=described[0].early,
        codes=described[0].codes,
    )
