"""Runs protocols that share HAM10000's gallery, which is encoded once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.encoder import Encoder
from inference.evaluation import breakdown, explain, ham10000, outliers, shifted
from inference.evaluation.breakdown import Table
from inference.evaluation.encoding import unfamiliarity_of_files
from inference.evaluation.figures import Figure
from inference.evaluation.pictures import Described, describe
from inference.evaluation.result import Result
from inference.evaluation.retrieval import retrieve
from inference.evaluation.scrambled import scrambled_encoder
from inference.library.model import Progress

PROTOCOLS = (ham10000.NAME, *shifted.QUERY_SETS, explain.NAME)


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """Encoded pictures, from which any of the protocols asked for can be computed.

    Attributes:
        encoder: that described them.
        models: folder that it came from; None for the one that came with the program.
        queries: HAM10000's.
        gallery: HAM10000's.
        others: query sets by name.
        strangers: figures of `outliers.figures`; empty where their data sets are not there.
    """

    encoder: Encoder
    models: Path | None
    queries: Described
    gallery: Described
    others: dict[str, Described]
    strangers: dict[str, Figure]

    @classmethod
    def prepare(
        cls,
        protocols: Sequence[str],
        data: Path,
        encoder: Encoder,
        progress: Callable[[Progress], None] = lambda _: None,
        *,
        models: Path | None = None,
    ) -> Session:
        """Read all tables, then encode all pictures.

        Args:
            protocols: some of `PROTOCOLS`.
            data: folder of the data sets; for ``ham10000`` alone also its own.
            encoder: the model to measure.
            progress: told of the encoding.
            models: folder that the encoder came from; None for the one that came with the program.

        Raises:
            CaseLensError: a table or a picture cannot be read, or the encoder failed.
        """
        classes = encoder.manifest.classes
        names = [name for name in protocols if name in shifted.QUERY_SETS]
        sets = [
            *ham10000.read_pictures(data, classes),
            *(shifted.read_queries(data, shifted.QUERY_SETS[name], classes) for name in names),
        ]
        queries, gallery, *others = describe(sets, encoder, progress)
        strangers: dict[str, Figure] = {}
        if ham10000.NAME in protocols and outliers.present(data):
            strangers = outliers.figures(
                outliers.read_sets(data),
                lambda paths: -unfamiliarity_of_files(paths, encoder, progress),
            )
        by_name = dict(zip(names, others, strict=True))
        return cls(encoder, models, queries, gallery, by_name, strangers)

    def result(
        self,
        protocol: str,
        progress: Callable[[Progress], None] = lambda _: None,
        *,
        resamples: int = 1000,
        sample: int | None = None,
    ) -> Result:
        """Compute one of the protocols that the session was prepared for.

        Args:
            protocol: its name.
            progress: told by the one that goes on looking at pictures, `explain`.
            resamples: of each bootstrap.
            sample: how many queries `explain` asks, see its `sample`; None for all.

        Raises:
            CaseLensError: that one could not read a picture, or its encoder failed.
        """
        classes = self.encoder.manifest.classes
        if protocol == ham10000.NAME:
            found = ham10000.figures(self.queries, self.gallery, classes, resamples=resamples)
            headline = self._headline("HAM10000, SE-CBIR queries", self.queries, "lesions")
            return Result(protocol, headline, {**found, **self.strangers})
        if protocol == explain.NAME:
            return self._explained(progress, resamples, sample)
        query_set = shifted.QUERY_SETS[protocol]
        found = shifted.figures(
            retrieve(self.others[protocol], self.gallery, classes),
            retrieve(self.queries, self.gallery, classes),
            query_set,
            resamples=resamples,
        )
        headline = self._headline(query_set.title, self.others[protocol], query_set.grouped)
        in_distribution = "Ratios are to HAM10000's own queries of the same classes."
        return Result(protocol, f"{headline} {in_distribution}", found)

    def _explained(
        self, progress: Callable[[Progress], None], resamples: int, sample: int | None
    ) -> Result:
        return explain.result(
            self.encoder,
            self.queries if sample is None else explain.sample(self.queries, sample),
            self.gallery,
            lambda seed: scrambled_encoder(self.models, self.encoder.manifest, seed),
            progress,
            resamples=resamples,
        )

    def breakdown(self, *, resamples: int = 1000) -> list[Table]:
        """Break HAM10000's figures down by class, site and confirmation."""
        classes = self.encoder.manifest.classes
        return breakdown.tables(self.queries, self.gallery, classes, resamples=resamples)

    def _headline(self, title: str, queries: Described, grouped: str) -> str:
        lesions = len(set(self.gallery.pictures.groups))
        return (
            f"{title}: {len(queries.pictures.paths)} pictures against {lesions} lesions, one hit "
            f"per lesion. Model {self.encoder.manifest.name}. 95 % intervals over {grouped}."
        )
