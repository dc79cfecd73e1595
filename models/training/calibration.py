"""What is chosen and fitted after training, on validation pictures: side, calibration, limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from inference.encoder.preprocess import prepare
from inference.evaluation import metrics
from inference.library.novelty import closeness, reference
from models.training.data import CLASSES, Originals
from models.training.familiarity import Unfamiliarity, statistics
from models.training.graph import Graph
from models.training.network import Described
from models.training.passes import Passes
from models.training.train import describe

PASSED = 0.98
"""Share of validation dermoscopy that is not called unfamiliar."""

UNLIKE = 0.05
"""Share of validation queries that are called unlike the library."""

Pixels = npt.NDArray[np.uint8]


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


def macro_cross_entropy(logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> float:
    """Mean over classes of the mean cross-entropy, at the temperature that suits best."""
    x, y = torch.from_numpy(logits), torch.from_numpy(labels)
    weight = 1.0 / torch.bincount(y, minlength=len(CLASSES)).float()
    return min(
        float(F.cross_entropy(x / t, y, weight=weight)) for t in np.linspace(0.5, 4.0, 36).tolist()
    )


def choose_side(
    passes: Passes, pixels: list[Pixels], labels: npt.NDArray[np.int64], sides: list[int]
) -> tuple[int, npt.NDArray[np.float32]]:
    """Return the side with the least macro cross-entropy on validation, and its logits.

    A network trained at one side often does better at a larger one (Touvron et al. 2019).
    """
    logits = {side: describe(passes, pixels, side).logits for side in sides}
    scores = {side: macro_cross_entropy(logits[side], labels) for side in sides}
    for side in sides:
        accuracy = metrics.balanced_accuracy(logits[side].argmax(1), labels)
        print(
            f"side {side}: validation macro cross-entropy {scores[side]:.4f}, "
            f"balanced accuracy {accuracy:.4f}"
        )
    best = min(sides, key=lambda side: scores[side])
    return best, logits[best]


def fit_unfamiliarity(passes: Passes, pictures: Originals, side: int) -> Unfamiliarity:
    """Fit the score to training pictures."""
    described = list(_described(passes, pictures.pixels, side))
    early = torch.cat([statistics(one.early) for one in described])
    embedding = torch.cat([one.embedding for one in described])
    return Unfamiliarity(early, embedding, pictures.sources)


def unfamiliarity_limit(graph: Graph, pictures: Originals, side: int) -> float:
    """Return the score below which `PASSED` of the pictures stay, each source weighing the same."""
    described = _described(graph.passes, pictures.pixels, side)
    scores = torch.cat([graph.unfamiliarity(one) for one in described]).numpy()
    count = Counter(pictures.sources)
    order = np.argsort(scores)
    share = np.cumsum([1 / (count[pictures.sources[i]] * len(count)) for i in order])
    limit = float(scores[order[np.searchsorted(share, PASSED)]])
    over = {s: float(np.mean(scores[np.array(pictures.sources) == s] > limit)) for s in count}
    print("unfamiliar among validation pictures: ", {s: round(v, 3) for s, v in over.items()})
    return limit


def plausibility_limit(passes: Passes, queries: Originals, gallery: Originals, side: int) -> float:
    """Return the p-value at or below which `UNLIKE` of the queries come, in the gallery as library.

    The p-value itself would promise that share, were queries and gallery exchangeable; they are
    not, since the encoder was trained on the gallery.
    """
    vectors = describe(passes, gallery.pixels, side).embedding
    asked = describe(passes, queries.pixels, side).embedding
    found = reference(vectors, gallery.lesions).p_value(
        closeness(asked, vectors, gallery.lesions)[:, 0]
    )
    limit = float(np.sort(found)[int(UNLIKE * len(found)) - 1])
    share = float(np.mean(found <= UNLIKE))
    print(f"plausibility: {UNLIKE} comes to {share:.3f} of validation; limit {limit:.4f}")
    return limit


def _described(passes: Passes, pixels: list[Pixels], side: int) -> Iterator[Described]:
    for begin in range(0, len(pixels), 64):
        some = np.stack([prepare(p, side) for p in pixels[begin : begin + 64]])
        x = torch.from_numpy(some).permute(0, 3, 1, 2).float()
        with torch.no_grad():
            yield passes(x.contiguous(memory_format=torch.channels_last))
