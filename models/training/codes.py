"""Hash heads on the final embedding: joined, centred, whitened in part.

The heads that are trained end to end with a network see that network alone, before its embedding is
centred. These see what is searched. The networks are left as they are; the loss is the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.training import losses
from models.training.network import HashHead

_STEPS, _BATCH, _RATE, _DECAY = 600, 256, 3.0e-3, 0.02
_BALANCE = 0.7


class Codes(nn.Module):
    """One hash head for each length, fitted to pictures that are described already.

    Args:
        embedding: of training pictures, (n, 256), L2-normalised.
        labels: their classes, (n,).
        bits: lengths.
        seed: of the first weights and of the order of pictures.
    """

    def __init__(
        self, embedding: Tensor, labels: Tensor, bits: Sequence[int], seed: int = 1
    ) -> None:
        super().__init__()
        count = torch.bincount(labels).float()
        chance = (count / count.sum()).pow(-_BALANCE)[labels]
        chance /= chance.sum()
        prior = torch.bincount(labels, weights=chance)
        self.heads = nn.ModuleDict()
        for length in bits:
            torch.manual_seed(seed)
            head = HashHead(length, len(count))
            _train(head, embedding, labels, chance, prior)
            self.heads[str(length)] = head.eval()
        self.requires_grad_(requires_grad=False)

    def forward(self, embedding: Tensor) -> dict[int, Tensor]:
        """Return length to relaxed codes (n, length) of embeddings (n, 256)."""
        return {int(length): head(embedding) for length, head in self.heads.items()}


@torch.enable_grad()
def _train(
    head: HashHead, embedding: Tensor, labels: Tensor, chance: Tensor, prior: Tensor
) -> None:
    optimiser = torch.optim.AdamW(head.parameters(), lr=_RATE, weight_decay=_DECAY)
    for step in range(_STEPS):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * (1 - step / _STEPS)
        drawn = torch.multinomial(chance, _BATCH, replacement=True)
        code = head(embedding[drawn])
        loss = losses.hashing(code, head.logits(code), labels[drawn], prior)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
