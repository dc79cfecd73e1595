"""The encoder as the product runs it: one network or several, one pass or two as in SE-CBIR."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from models.training.network import Described, Encoder
from models.training.resampling import resampled
from models.training.saliency import enlarged, likeliest_map
from models.training.turning import turned, turned_back


@dataclass
class Seen:
    """What the networks say of n pictures.

    Attributes:
        feature_map: (n, channels, h, w), 256 channels for each joined network, scaled so that
            its mean over positions is ``embedding``; on the finest grid of any network.
        embedding: (n, channels), the networks' embeddings one after another, each of the same
            length; of length 1 altogether.
        logits: (n, classes), meaned over the networks.
        terms: (n, classes, h, w), evidence by position: the mean over positions is ``logits``.
        early: `Described.early` of the network named first.
        local: `Described.local` of that network.
        codes: length to relaxed codes (n, length), see `join_codes`.
        saliency: map of the first pass, (n, rows, columns) in [0, 1], on that network's own grid;
            None where none was made.
    """

    feature_map: Tensor
    embedding: Tensor
    logits: Tensor
    terms: Tensor
    early: Tensor
    local: Tensor
    codes: dict[int, Tensor]
    saliency: Tensor | None = None


class Passes(nn.Module):
    """Describes pictures as the shipped graph does, up to `Whitening`.

    For a guided network, the class map of the likeliest class by the first network is the fourth
    channel (Gassner et al. 2023). It takes the way of the training maps, through a grid of
    `saliency.SIDE`, so that the network is given what it was trained with.

    Args:
        networks: those that describe; several are joined.
        first: the network whose map guides; may be one of ``networks``, and then runs once.

    Raises:
        ValueError: a guided network without a first one, or a first one that guides none.
    """

    def __init__(self, networks: Sequence[Encoder], first: Encoder | None = None) -> None:
        super().__init__()
        if (first is not None) != any(network.guided for network in networks):
            raise ValueError("a guided network, and no other, needs one that looks first")
        self.networks, self.first = nn.ModuleList(networks), first
        self.eval()

    @property
    def joined(self) -> list[Encoder]:
        """The networks that describe."""
        return [network for network in self.networks if isinstance(network, Encoder)]

    @property
    def side(self) -> int:
        """Of the pictures to show, in pixels: the greatest that any network was trained with."""
        return max(network.side for network in self._everyone)

    @property
    def bits(self) -> tuple[int, ...]:
        """Lengths of the codes of any network that has some."""
        return tuple(sorted({int(bits) for network in self.joined for bits in network.hashes}))

    @property
    def architecture(self) -> str:
        """The networks in words."""
        words = [
            f"EfficientNet-{network.size.title()} at {network.side} px"
            + (" (guided)" if network.guided else "")
            for network in self.joined
        ]
        text = " and ".join(words) + (", joined" if len(words) > 1 else "")
        if self.first is not None:
            size, side = self.first.size.title(), self.first.side
            text += f"; the guide is the class map of EfficientNet-{size} at {side} px"
        return text

    def forward(self, pixels: Tensor) -> Seen:
        """Describe float RGB (n, 3, s, s) in [0, 255]; `side` is what they were trained for."""
        sides = sorted({network.side for network in self._everyone})
        shown = {side: resampled(pixels, side) for side in sides}

        def look(network: Encoder, guide: Tensor | None = None) -> Described:
            inputs = [shown[network.side]]
            if guide is not None:
                inputs.append(enlarged(guide, network.side))
            found = network(*(turned(one, network.view) for one in inputs))
            assert isinstance(found, Described)
            return _upright(found, network.view)

        seen_first = None if self.first is None else look(self.first)
        saliency = None
        if self.first is not None and seen_first is not None:
            saliency = likeliest_map(self.first.class_terms(seen_first), seen_first.logits)
        described = [
            seen_first
            if network is self.first and seen_first is not None
            else look(network, saliency if network.guided else None)
            for network in self.joined
        ]
        seen = _join(self.joined, described)
        return seen if saliency is None else replace(seen, saliency=saliency[:, 0])

    @property
    def _everyone(self) -> list[Encoder]:
        return [*self.joined, *([] if self.first is None else [self.first])]


def _upright(described: Described, view: int) -> Described:
    """Turn the maps of pictures that were shown in a view back to how the pictures lie."""
    maps = (described.feature_map, described.early, described.local)
    feature_map, early, local = (turned_back(one, view) for one in maps)
    return replace(described, feature_map=feature_map, early=early, local=local)


def _join(networks: Sequence[Encoder], described: Sequence[Described]) -> Seen:
    finest = max(one.feature_map.shape[3] for one in described)
    described = [
        replace(one, feature_map=resampled(one.feature_map.float(), finest)) for one in described
    ]
    maps = [one.feature_map for one in described]
    units = [m / m.mean((2, 3), keepdim=True).norm(dim=1, keepdim=True) for m in maps]
    feature_map = torch.cat(units, 1) / math.sqrt(len(units))
    terms = [network.class_terms(d) for network, d in zip(networks, described, strict=True)]
    return Seen(
        feature_map=feature_map,
        embedding=feature_map.mean((2, 3)),
        logits=torch.stack([one.logits for one in described]).mean(0),
        terms=torch.stack(terms).mean(0),
        early=described[0].early,
        local=described[0].local,
        codes=join_codes([one.codes for one in described]),
    )


def join_codes(codes: Sequence[dict[int, Tensor]]) -> dict[int, Tensor]:
    """Make codes of all lengths out of those of several networks.

    Args:
        codes: length to relaxed codes (n, length); empty for a network without hash heads.

    Returns:
        Each length of the first network with codes, in equal shares from all that have any; from
        the first alone where no network has heads as short as a share.
    """
    having = [one for one in codes if one]
    if not having:
        return {}
    joined = dict(having[0])
    for length in joined:
        share, rest = divmod(length, len(having))
        if rest == 0 and all(share in one for one in having):
            joined[length] = torch.cat([one[share] for one in having], 1)
    return joined
