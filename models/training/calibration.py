"""What is chosen and fitted after training, on validation pictures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from inference.evaluation import metrics
from inference.library.novelty import closeness, reference
from models.training.codes import Codes
from models.training.data import CLASSES, Originals
from models.training.familiarity import Unfamiliarity
from models.training.passes import join_codes
from models.training.score import classification, ranked, retrieval, signs
from models.training.sight import Sight
from models.training.whitening import Whitening

PASSED = 0.98
"""Share of validation dermoscopy that is not called unfamiliar."""

UNLIKE = 0.05
"""Share of validation queries that are called unlike the library."""

POWERS = (0.0, 0.25, 0.5)
"""Of whitening, to choose from."""


@dataclass
class Facts:
    """What passes say of n pictures, without their maps.

    Attributes:
        pictures: n of them.
        embedding: (n, channels), before whitening.
        logits: (n, classes).
        early: `familiarity.statistics`, (n, 2 c).
        codes: length to relaxed codes (n, length).
    """

    pictures: Originals
    embedding: Tensor
    logits: Tensor
    early: Tensor
    codes: dict[int, Tensor]

    def where(self, kept: npt.NDArray[np.bool_]) -> Facts:
        """Return those of the pictures marked True."""
        rows = torch.from_numpy(np.flatnonzero(kept))
        return Facts(
            self.pictures.where(kept),
            self.embedding[rows],
            self.logits[rows],
            self.early[rows],
            {bits: code[rows] for bits, code in self.codes.items()},
        )

    def of(self, source: str) -> Facts:
        """Return those of one source."""
        return self.where(np.array(self.pictures.sources) == source)

    def at_most(self, most: int) -> Facts:
        """Return the first ``most`` of each source."""
        return self.where(self.pictures.first(most))


def look(
    sight: Sight, pictures: Originals, batches: Iterable[npt.NDArray[np.uint8]] | None = None
) -> Facts:
    """Describe pictures as the product does.

    Args:
        sight: trained networks.
        pictures: n of them.
        batches: what to show in their place, prepared; None for the pictures themselves.
    """
    if batches is None:
        batches = pictures.batches(sight.side)
    parts = zip(*(sight(batch) for batch in batches), strict=True)
    embedding, logits, early, *codes = (torch.from_numpy(np.concatenate(one)) for one in parts)
    return Facts(pictures, embedding, logits, early, dict(zip(sight.bits, codes, strict=True)))


def join(many: Sequence[Facts]) -> Facts:
    """Join what several networks say of the same pictures, as `Passes` joins them."""
    return Facts(
        many[0].pictures,
        torch.cat([one.embedding for one in many], 1) / math.sqrt(len(many)),
        torch.stack([one.logits for one in many]).mean(0),
        many[0].early,
        join_codes([one.codes for one in many]),
    )


def calibrate(
    logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]
) -> tuple[float, list[float]]:
    """Fit temperature and class biases on validation pictures by maximum likelihood.

    Temperature scaling is Guo et al. 2017; the biases turn the balanced logits into
    probabilities at the base rates of these pictures. A weak prior on the biases keeps the
    rarest classes, with fewer than ten pictures, near their share.
    """
    x, y = torch.from_numpy(logits), torch.from_numpy(labels)
    share = torch.bincount(y, minlength=len(CLASSES)).float() + 1
    start = (share / share.sum()).log()
    log_t = torch.zeros((), requires_grad=True)
    bias = start.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([log_t, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = F.cross_entropy(x / log_t.exp() + bias, y) * len(y)
        loss = loss + 0.5 * ((bias - start) ** 2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(log_t.detach().exp()), bias.detach().tolist()


def choose_whitening(queries: Facts, gallery: Facts, dimensions: int) -> Whitening:
    """Fit to the gallery, with the power that gives the queries the best macro mAP."""
    labels, scores = queries.pictures.labels, {}
    for power in POWERS:
        whitening = Whitening(gallery.embedding, power, dimensions)
        asked, searched = (whitening.embed(f.embedding).numpy() for f in (queries, gallery))
        neighbours = ranked(asked, searched, gallery.pictures.labels, gallery.pictures.lesions)
        precision = metrics.average_precision(neighbours == labels[:, None])
        scores[power] = metrics.macro(precision, labels)
        print(f"whitening with power {power}: validation mAP {scores[power]:.4f}", flush=True)
    return Whitening(gallery.embedding, max(POWERS, key=lambda power: scores[power]), dimensions)


def validation_figures(
    queries: Facts, gallery: Facts, embed: Callable[[Tensor], Tensor] = lambda embedding: embedding
) -> dict[str, float]:
    """Return `score.retrieval`, `score.classification`, and ``map_hash...``.

    Args:
        queries: to be classified, and to search with.
        gallery: what is searched.
        embed: what becomes of their embeddings before, such as `Whitening.embed`.
    """
    labels, there = queries.pictures.labels, gallery.pictures
    asked, searched = (embed(facts.embedding).numpy() for facts in (queries, gallery))
    found = retrieval(ranked(asked, searched, there.labels, there.lesions), labels)
    found |= classification(queries.logits.numpy(), labels)
    return found | hashed_figures(queries, gallery)


def hashed_figures(queries: Facts, gallery: Facts) -> dict[str, float]:
    """Return ``map_hash...``: macro mAP by the codes of each length."""
    labels, there = queries.pictures.labels, gallery.pictures
    found = {}
    for bits, code in queries.codes.items():
        asked, searched = signs(code.numpy()), signs(gallery.codes[bits].numpy())
        hashed = ranked(asked, searched, there.labels, there.lesions)
        precision = metrics.average_precision(hashed == labels[:, None])
        found[f"map_hash{bits}"] = float(metrics.macro(precision, labels))
    return found


def choose_codes(queries: Facts, gallery: Facts, whitening: Whitening) -> Codes | None:
    """Return heads fitted to the gallery's final embeddings, or None for the networks' own.

    Those with the greater mean of `hashed_figures` win; None also where there are no codes.
    """
    if not queries.codes:
        return None
    labels = torch.from_numpy(gallery.pictures.labels)
    codes = Codes(whitening.embed(gallery.embedding), labels, list(queries.codes))
    own = hashed_figures(queries, gallery)
    fitted = hashed_figures(*(coded(facts, whitening, codes) for facts in (queries, gallery)))
    for name in own:
        print(f"{name}: validation {own[name]:.4f} end to end, {fitted[name]:.4f} on the final "
              "embedding", flush=True)  # fmt: skip
    return codes if sum(fitted.values()) > sum(own.values()) else None


def coded(facts: Facts, whitening: Whitening, codes: Codes) -> Facts:
    """Return the same facts with the codes of their final embeddings."""
    return replace(facts, codes=codes(whitening.embed(facts.embedding)))


def unfamiliarity_limit(score: Unfamiliarity, facts: Facts) -> float:
    """Return the score below which `PASSED` of the pictures stay, each source weighing the same."""
    scores = score(facts.early, facts.embedding).numpy()
    sources = facts.pictures.sources
    count = Counter(sources)
    order = np.argsort(scores)
    share = np.cumsum([1 / (count[sources[i]] * len(count)) for i in order])
    limit = float(scores[order[np.searchsorted(share, PASSED)]])
    over = {s: float(np.mean(scores[np.array(sources) == s] > limit)) for s in count}
    print("unfamiliar among validation pictures: ", {s: round(v, 3) for s, v in over.items()})
    return limit


def plausibility_limit(whitening: Whitening, queries: Facts, gallery: Facts) -> float:
    """Return the p-value at or below which `UNLIKE` of the queries come, in the gallery as library.

    The p-value itself would promise that share, were queries and gallery exchangeable; they are
    not, since the encoder was trained on the gallery.
    """
    asked, vectors = (whitening.embed(f.embedding).numpy() for f in (queries, gallery))
    lesions = gallery.pictures.lesions
    found = reference(vectors, lesions).p_value(closeness(asked, vectors, lesions)[:, 0])
    limit = float(np.sort(found)[int(UNLIKE * len(found)) - 1])
    share = float(np.mean(found <= UNLIKE))
    print(f"plausibility: {UNLIKE} comes to {share:.3f} of validation; limit {limit:.4f}")
    return limit
