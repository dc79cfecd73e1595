"""The protocol of explanations, with an encoder of which it is known where it looks.

`CornerEncoder` sees red stripes in the upper left quarter of a picture, blue ones in the lower
right one, and that there is skin. Its class map is about the blue.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from inference import cli
from inference.encoder import Encoder, Encoding
from inference.encoder.preprocess import central_square, prepare
from inference.errors import CaseLensError
from inference.evaluation import explain, protocols
from inference.evaluation.perturbation import Follower, ranks
from inference.evaluation.pictures import Described, Pictures
from inference.evaluation.saliency import METHODS, random_map, spread
from inference.images import MedicalImage, read
from tests.inference.evaluation import archives

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
SIDE, GRID = 40, 4
BASELINES = [suffix for suffix in METHODS if suffix]
UPPER_LEFT, LOWER_RIGHT = (np.zeros((GRID, GRID), np.float32) for _ in range(2))
UPPER_LEFT[:2, :2] = LOWER_RIGHT[2:, 2:] = 1


class CornerEncoder(archives.ColourEncoder):
    """Embeds a picture as (skin, red stripes upper left, blue stripes lower right)."""

    def prepare(self, image: MedicalImage) -> Pixels:
        """Return the central square: uint8 (`SIDE`, `SIDE`, 3)."""
        return prepare(image.pixels, SIDE)

    def features(self, prepared: Pixels) -> Floats:
        """Return feature maps (n, 3, `GRID`, `GRID`)."""
        cells = prepared.astype(np.float32).reshape(-1, GRID, SIDE // GRID, GRID, SIDE // GRID, 3)
        red, _, blue = np.moveaxis(cells.std(axis=(2, 4)) / 255, -1, 0)
        skin = np.full_like(red, 0.1)
        return np.stack([skin, UPPER_LEFT * red, LOWER_RIGHT * blue], axis=1)

    def embed(self, prepared: Pixels) -> Floats:
        """Return the normalised means, (n, 3)."""
        mean = self.features(prepared).mean(axis=(2, 3))
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    def encode_many(self, images: Sequence[MedicalImage]) -> list[Encoding]:
        """Describe pictures; the likeliest class is the one that is about the blue."""
        prepared = np.stack([self.prepare(image) for image in images])
        features, embeddings = self.features(prepared), self.embed(prepared)
        return [
            Encoding(
                embedding=embeddings[i],
                logits=np.zeros(2, np.float32),
                probabilities=np.array([0.3, 0.7], np.float32),
                feature_map=features[i],
                class_maps=np.stack([features[i, 1], np.maximum(features[i, 2], 0)]),
                unfamiliarity=0.0,
                familiar=True,
                classes=("mel", "nv"),
                field=central_square(image.height, image.width),
                model="0" * 64,
            )
            for i, image in enumerate(images)
        ]


class BlindEncoder(CornerEncoder):
    """The same after its weights were shuffled: its cells are in reverse order."""

    def features(self, prepared: Pixels) -> Floats:
        """Return feature maps turned by half a circle."""
        return super().features(prepared)[..., ::-1, ::-1]


def _picture(red: bool, blue: bool, width: int = SIDE) -> Pixels:
    """Paint grey skin with stripes in the corners of the central square, which blur to skin."""
    pixels = np.full((SIDE, width, 3), 90, np.uint8)
    left, half = (width - SIDE) // 2, SIDE // 2
    stripes = np.tile(np.array([20, 160], np.uint8), half // 2)
    if red:
        pixels[:half, left : left + half, 0] = stripes
    if blue:
        pixels[half:, left + half : left + SIDE, 2] = stripes
    return pixels


def _write(folder: Path, name: str, pixels: Pixels, corner: tuple[slice, slice]) -> Path:
    """Write a picture and its outline, which is one corner of the central square."""
    for kind in ("images", "masks"):
        (folder / kind).mkdir(exist_ok=True)
    path = folder / "images" / f"{name}.png"
    Image.fromarray(pixels).save(path)
    mask = np.zeros((224, 224), np.uint8)
    mask[corner] = 255
    Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    return path


HERE, THERE = (slice(0, 112), slice(0, 112)), (slice(112, 224), slice(112, 224))


def _described(paths: list[Path], pixels: list[Pixels], lesions: list[str]) -> Described:
    prepared = np.stack([prepare(one, SIDE) for one in pixels])
    nothing = np.zeros((len(paths), 2), np.float32)
    some = Pictures(paths, lesions, np.zeros(len(paths), np.int64), [{} for _ in paths])
    return Described(some, CornerEncoder().embed(prepared), nothing, nothing)


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Described, Described]:
    """Two queries with red and blue, the second in a wide frame and outlined elsewhere.

    The gallery has a red picture, their nearest, a grey one, and one that is only blue.
    """
    asked = [_picture(True, True), _picture(True, True, width=80)]
    paths = [_write(tmp_path, "q0", asked[0], HERE), _write(tmp_path, "q1", asked[1], THERE)]
    shelf = [_picture(False, False), _picture(True, False), _picture(False, True)]
    kept = [_write(tmp_path, f"g{i}", pixels, HERE) for i, pixels in enumerate(shelf)]
    queries = _described(paths, asked, ["a", "b"])
    gallery = _described(kept[:2], shelf[:2], ["x", "y"])
    return queries, gallery


def _measure(sets: tuple[Described, Described]) -> explain.Findings:
    return explain.measure(CornerEncoder(), *sets, lambda _: BlindEncoder())


def test_the_pair_map_wins_both_curves_where_it_is_known_to_be_right(
    sets: tuple[Described, Described],
) -> None:
    """Grad-CAM may win here: it alone knows that the blue speaks against the likeness."""
    found = _measure(sets).values
    for baseline in ("_uniform", "_gaussian", "_gradient", "_classmap"):
        assert (found["deletion_auc"] < found[f"deletion_auc{baseline}"] - 0.05).all()
        assert (found["insertion_auc"] > found[f"insertion_auc{baseline}"] + 0.04).all()


def test_an_inverted_map_loses_to_a_random_one(sets: tuple[Described, Described]) -> None:
    queries, gallery = sets
    encoder = CornerEncoder()
    query, case = (read(path) for path in (queries.pictures.paths[0], gallery.pictures.paths[1]))
    pair = encoder.encode_many([query, case])
    follower = Follower(encoder, encoder.prepare(query), pair[1].embedding)
    right = METHODS[""](*pair)
    rng = np.random.default_rng(0)
    wrong, chance = (
        ranks(spread(one, SIDE)) for one in (right.max() - right, random_map(right.shape, rng))
    )
    assert follower.deletion(wrong) > follower.deletion(chance)
    assert follower.insertion(wrong) < follower.insertion(chance)


def test_outlines_lie_over_the_central_square_whatever_the_frame(
    sets: tuple[Described, Described],
) -> None:
    """The map is about the upper left: the first query's outline, not the second's."""
    found = _measure(sets).values
    assert found["pointing_game"].tolist() == [1, 0]
    assert found["pointing_game_classmap"].tolist() == [0, 1]
    assert found["pointing_game_uniform"] == pytest.approx([0.25, 0.25])
    assert found["energy_in_mask_over_area_uniform"] == pytest.approx([1, 1])
    energy = found["energy_in_mask_over_area"]
    assert energy[0] > 1.5 and energy[1] < 0.75
    assert found["energy_in_mask_over_area_classmap"][1] > 2


def test_each_query_is_held_against_its_nearest_picture(
    sets: tuple[Described, Described],
) -> None:
    queries, gallery = sets
    found = _measure(sets)
    expected = queries.embeddings @ gallery.embeddings[1]
    assert found.values["similarity"] == pytest.approx(expected, abs=1e-5)
    opposite = replace(queries, embeddings=-queries.embeddings)
    with pytest.raises(CaseLensError, match="no picture resembles"):
        explain.measure(CornerEncoder(), opposite, gallery, lambda _: BlindEncoder())


def test_maps_without_the_weights_are_compared_cell_by_cell(
    sets: tuple[Described, Described],
) -> None:
    """Ranks of 4 cells with 14.5 and 12 with 6.5, against the same in reverse order: -1 / 3."""
    found = _measure(sets).values
    assert found["randomised_rank_correlation"] == pytest.approx(-1 / 3, abs=0.01)
    assert found["randomised_rank_correlation_classmap"] == pytest.approx(-1 / 3, abs=0.01)
    assert "randomised_rank_correlation_uniform" not in found
    unchanged = explain.measure(CornerEncoder(), *sets, lambda _: CornerEncoder()).values
    assert unchanged["randomised_rank_correlation"] == pytest.approx(1)


def test_figures_follow_from_the_findings() -> None:
    """Two queries; the centre knows nothing of maps that only differ from left to right."""
    values = {f"{curve}_auc{s}": np.array([0.5, 0.7]) for curve in ("deletion", "insertion")
              for s in METHODS}  # fmt: skip
    values["deletion_auc_uniform"] = np.array([0.6, 1.0])
    values["insertion_auc_uniform"] = np.array([0.4, 0.7])
    ramp = np.tile(np.arange(4, dtype=np.float32), (4, 1))
    other = ramp.T
    findings = explain.Findings(
        queries=Pictures([Path("a"), Path("b")], ["a", "b"], np.zeros(2, np.int64), [{}, {}]),
        values=values,
        maps=np.stack([ramp, other]),
        scrambled=np.stack([[ramp + 1, other + 1], [other, ramp]]),
    )
    figures = explain.figures(findings, resamples=20)
    assert figures["deletion_auc_uniform"].value == pytest.approx(0.8)
    assert figures["deletion_gain_over_uniform"].value == pytest.approx(0.2)
    assert figures["insertion_gain_over_uniform"].value == pytest.approx(0.05)
    assert figures["insertion_gain_over_gaussian"].value == 0
    assert figures["deletion_gain_over_uniform"].low >= 0.1 - 1e-9
    # deviations: the same in the first shuffle, reversed in the second
    assert figures["randomised_rank_correlation_of_deviations"].value == pytest.approx(0)
    assert figures["centre_rank_correlation"].value == pytest.approx(0)
    assert all(figure.n == 2 for figure in figures.values())


def test_a_query_without_outline_ends_the_protocol_with_advice(
    sets: tuple[Described, Described], tmp_path: Path
) -> None:
    Image.new("L", (224, 224)).save(tmp_path / "masks" / "q1.png")
    with pytest.raises(CaseLensError, match="marks no lesion"):
        _measure(sets)
    (tmp_path / "masks" / "q1.png").unlink()
    with pytest.raises(CaseLensError, match=r"q1\.png"):
        _measure(sets)


class FlatEncoder(archives.ColourEncoder):
    """Sees a picture's colour in its upper left corner, whatever is there."""

    def prepare(self, image: MedicalImage) -> Pixels:
        """Return the central square: uint8 (`SIDE`, `SIDE`, 3)."""
        return prepare(image.pixels, SIDE)

    def embed(self, prepared: Pixels) -> Floats:
        """Return the colour's embedding (n, 8)."""
        return self.brief(prepared).embedding

    def encode_many(self, images: Sequence[MedicalImage]) -> list[Encoding]:
        """Describe pictures."""
        described = CornerEncoder().encode_many(images)
        embeddings = self.embed(np.stack([self.prepare(image) for image in images]))
        return [
            replace(one, embedding=vector, feature_map=vector[:, None, None] * UPPER_LEFT)
            for one, vector in zip(described, embeddings, strict=True)
        ]


def test_the_protocol_runs_from_the_terminal_beside_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pictures of one colour each: blurring changes nothing, so that every area is 1."""
    asked: list[tuple[Path | None, int]] = []

    def scrambled(folder: Path | None, _: object, seed: int) -> Encoder:
        asked.append((folder, seed))
        return FlatEncoder()

    monkeypatch.setattr(Encoder, "load", lambda *_, **__: FlatEncoder())
    monkeypatch.setattr(protocols, "scrambled_encoder", scrambled)
    data = archives.ham10000(tmp_path / "ham10000")
    (data / "masks").mkdir()
    for i in range(len(archives.QUERIES)):
        Image.fromarray((np.kron(UPPER_LEFT, np.ones((56, 56))) * 255).astype(np.uint8)).save(
            data / "masks" / f"Q{i}.png"
        )
    file = tmp_path / "figures.json"
    line = ["evaluate", "ham10000", "explain", "--data", str(tmp_path), "--json", str(file)]
    assert cli.main([*line, "--models", str(tmp_path)]) == 0
    assert asked == [(tmp_path, seed) for seed in range(explain.SCRAMBLES)]
    figures = json.loads(file.read_text())["explain"]
    suffixed = ("deletion_auc", "insertion_auc", "pointing_game", "energy_in_mask_over_area")
    weighted = ("", "_gradient", "_gradcam", "_classmap")
    assert set(figures) == {
        "similarity", "centre_rank_correlation", "randomised_rank_correlation_of_deviations",
        "randomised_rank_correlation_recentred",
        *(f"{name}{suffix}" for name in suffixed for suffix in METHODS),
        *(f"{curve}_gain_over{s}" for curve in ("deletion", "insertion") for s in BASELINES),
        *(f"randomised_rank_correlation{suffix}" for suffix in weighted),
    }  # fmt: skip
    assert figures["similarity"] == {"value": 1, "low": 1, "high": 1, "n": 14}
    for suffix in METHODS:
        assert figures[f"deletion_auc{suffix}"]["value"] == pytest.approx(1)
        assert figures[f"insertion_auc{suffix}"]["value"] == pytest.approx(1)
    assert figures["deletion_gain_over_gaussian"]["value"] == pytest.approx(0)
    assert figures["pointing_game"]["value"] == 1
    assert figures["randomised_rank_correlation"]["value"] == pytest.approx(1)
    told = capsys.readouterr()
    assert "14 SE-CBIR queries" in told.out and "nearest of 84 pictures" in told.out
    assert "explaining: 14 of 14" in told.err
    sampled = ["evaluate", "explain", "--data", str(tmp_path), "--json", str(file)]
    assert cli.main([*sampled, "--models", str(tmp_path), "--sample", "5"]) == 0
    assert json.loads(file.read_text())["similarity"]["n"] == 5
    assert "explaining: 5 of 5" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main([*sampled, "--sample", "1"])
    assert "1 is not a number of queries" in capsys.readouterr().err


def test_a_larger_sample_holds_the_smaller() -> None:
    pictures = [_picture(True, True)] * 9
    paths = [Path(f"q{i}") for i in range(9)]
    queries = _described(paths, pictures, [str(i) for i in range(9)])
    some, more = (explain.sample(queries, count).pictures.paths for count in (3, 6))
    assert len(some) == 3 and len(more) == 6
    assert set(some) < set(more) and some == sorted(some)
    assert explain.sample(queries, 99).pictures.paths == paths
