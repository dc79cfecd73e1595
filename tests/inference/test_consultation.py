"""An answer's words of caution, and the reasons for its matches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.cautions import FLAGS, cautions
from inference.consultation import Consultant
from inference.encoder import Encoder
from inference.images import MedicalImage, read
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import Case, NewCase


def _picture(height: int, width: int, *, grey: bool = False) -> MedicalImage:
    pixels = np.random.default_rng(0).integers(60, 200, (height, width, 3), dtype=np.uint8)
    pixels[..., 0] //= 2
    if grey:
        pixels[:] = pixels[..., 1:2]
    return MedicalImage(pixels, content_hash="0" * 64, name="x.png")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (_picture(450, 600), ()),
        (_picture(300, 900), ("cropped",)),
        (_picture(100, 100), ("low_resolution",)),
        (_picture(300, 300, grey=True), ("no_colour",)),
        (_picture(60, 300, grey=True), ("cropped", "low_resolution", "no_colour")),
    ],
)
def test_a_picture_gets_the_words_of_caution_it_deserves(
    image: MedicalImage, expected: tuple[str, ...]
) -> None:
    assert cautions(image, (), familiar=True, like_library=True) == expected
    assert cautions(image, (), familiar=False, like_library=False) == (
        "not_dermoscopy",
        "unlike_library",
        *expected,
    )
    assert set(expected) <= set(FLAGS)


@pytest.fixture(scope="module")
def consultant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consultant]:
    folder = tmp_path_factory.mktemp("consultation")
    rng = np.random.default_rng(1)
    items = []
    for i in range(6):
        coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
        path = folder / f"{i}.png"
        coarse.resize((320, 240), Image.Resampling.BICUBIC).save(path)
        items.append(NewCase(path, Case(0, f"L{i}", "nv", "histopathology")))
    encoder = Encoder.load(threads=1)
    with Library.create(folder / "library", "six") as library:
        build(library, items, encoder)
        yield Consultant(encoder, library)


def test_an_answer_explains_its_matches_on_both_pictures(
    consultant: Consultant, tmp_path: Path
) -> None:
    path = tmp_path / "query.png"
    _save(path)
    answer = consultant.ask(path, k=4)
    assert len(answer.matches) == 4 and answer.milliseconds["read"] > 0
    explained = consultant.explain_many(answer, answer.matches)
    for match, pair in zip(answer.matches, explained, strict=True):
        stored = consultant.library.read_image(match.image.id)
        assert pair.case_image.content_hash == stored.content_hash == match.image.content_hash
        assert max(pair.query.values.max(), pair.case.values.max()) == pytest.approx(1)
        assert pair.case.over().shape == (240, 320)


def test_explaining_one_match_is_explaining_many(consultant: Consultant, tmp_path: Path) -> None:
    path = tmp_path / "query.png"
    _save(path)
    answer = consultant.ask(path)
    one = consultant.explain(answer, answer.matches[2])
    many = consultant.explain_many(answer, answer.matches)[2]
    assert one.query.values == pytest.approx(many.query.values, abs=1e-3)
    assert one.case.values == pytest.approx(many.case.values, abs=1e-3)


def test_bytes_are_answered_like_the_file_they_came_from(
    consultant: Consultant, tmp_path: Path
) -> None:
    path = tmp_path / "query.png"
    _save(path)
    from_file = consultant.ask(path)
    from_bytes = consultant.ask(path.read_bytes(), name="pasted")
    assert [m.image.id for m in from_file.matches] == [m.image.id for m in from_bytes.matches]
    assert from_bytes.image.name == "pasted"
    assert from_bytes.image.content_hash == read(path).content_hash


def _save(path: Path) -> None:
    coarse = np.random.default_rng(9).integers(0, 255, (5, 5, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((250, 250), Image.Resampling.BICUBIC).save(path)
