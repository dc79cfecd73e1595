"""Losses: balanced classification and supervised contrast."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def classification(logits: Tensor, target: Tensor, prior: Tensor, smoothing: float) -> Tensor:
    """Logit-adjusted cross-entropy (Menon et al. 2021).

    Args:
        logits: (n, classes).
        target: one-hot (n, classes).
        prior: class shares as sampled, (classes,): the adjustment makes the logits those of a
            balanced world, whatever the sampling.
        smoothing: label smoothing.
    """
    classes = logits.shape[1]
    target = target * (1 - smoothing) + smoothing / classes
    return -(target * F.log_softmax(logits + prior.log(), dim=1)).sum(1).mean()


def contrast(embedding: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020), L_out, over one batch.

    Args:
        embedding: (n, d), L2-normalised.
        labels: (n,).
        temperature: divides the cosines.
    """
    similarity = embedding @ embedding.T / temperature
    alone = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    similarity = similarity.masked_fill(alone, -1e9)
    log_share = similarity - similarity.logsumexp(1, keepdim=True)
    positive = (labels[:, None] == labels[None]) & ~alone
    count = positive.sum(1)
    per_anchor = -(log_share * positive).sum(1) / count.clamp_min(1)
    return per_anchor[count > 0].mean()


def balanced_contrast(
    embedding: Tensor, labels: Tensor, prototypes: Tensor, temperature: float
) -> Tensor:
    """Balanced contrastive loss (Zhu et al. 2022), over one batch.

    In `contrast` a class repels an anchor the more, the more pictures it has in the batch. Here
    every class counts once, as the mean of its pictures; its prototype is one of them, so that
    no class is ever missing.

    Args:
        embedding: (n, d), L2-normalised.
        labels: (n,).
        prototypes: (classes, d), L2-normalised.
        temperature: divides the cosines.
    """
    classes = len(prototypes)
    keys = torch.cat([embedding, prototypes])
    owner = torch.cat([labels, torch.arange(classes, device=labels.device)])
    same = labels[:, None] == owner[None]
    alone = torch.eye(len(labels), len(owner), dtype=torch.bool, device=labels.device)
    similarity = (embedding @ keys.T / temperature).masked_fill(alone, -1e9)
    # The anchor itself is not one of its class.
    members = F.one_hot(owner, classes).sum(0)[owner] - same.long()
    repulsion = (similarity - members.clamp_min(1).log()).logsumexp(1, keepdim=True)
    positive = same & ~alone
    return -(((similarity - repulsion) * positive).sum(1) / positive.sum(1)).mean()


def hashing(code: Tensor, logits: Tensor, labels: Tensor, prior: Tensor) -> Tensor:
    """Loss of one hash head, over relaxed codes.

    Classification against the class centres (as in central similarity quantisation, Yuan et al.
    2020, with centres that are learned); a quantisation term that draws every component to -1 or
    1; and a balance term that keeps each bit at 0 for half of a balanced world.

    Args:
        code: (n, bits) in (-1, 1).
        logits: (n, classes) from `HashHead.logits`.
        labels: (n,).
        prior: class shares as sampled, (classes,).
    """
    told = F.cross_entropy(logits + prior.log(), labels, label_smoothing=0.05)
    quantised = (1 - code.abs()).square().mean()
    weight = 1 / prior[labels]
    balanced = ((weight[:, None] * code).sum(0) / weight.sum()).square().mean()
    return told + 0.1 * quantised + balanced


def outline(found: Tensor, mask: Tensor) -> Tensor:
    """Binary cross-entropy of a lesion's outline, over the pictures whose mask is known.

    Args:
        found: logits (n, 1, h, w).
        mask: (n, 1, rows, columns) in [0, 1], finer; blank where unknown.
    """
    known = mask.amax((1, 2, 3)) > 0
    if not known.any():
        return found.sum() * 0
    target = F.interpolate(mask[known], found.shape[2:], mode="area")
    return F.binary_cross_entropy_with_logits(found[known], target)
