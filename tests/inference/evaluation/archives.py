"""Archives in which a picture's colour is what it looks like, and an encoder that sees only that.

Eight colours stand for the seven classes and for a stranger. Pictures of one colour have cosine
1, others 0, so that every figure can be worked out by hand from a list of (label, look).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.encoder import Brief, Encoder
from inference.encoder.manifest import read_manifest
from inference.images import MedicalImage
from inference.locations import shipped

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
STRANGER = "stranger"
CONFIDENCE = 0.9
PER_CLASS = 11
"""Gallery lesions of each class: enough for P@9 and for the tenth neighbour."""

_LOOKS = (*CLASSES, STRANGER)
_DARK, _LIGHT = 60, 200

HAM_HEADER = "image_id,lesion_id,dx,dx_type,age,sex,localization,frame,split,s1_query,s1_clean\n"
QUERIES = [(word, word) for word in CLASSES for _ in range(2)]
QUERIES[CLASSES.index("mel") * 2] = ("mel", "nv")
"""(label, look): two queries of each class; the first melanoma looks like a nevus."""


class ColourEncoder(Encoder):
    """Embeds a picture as the one of eight colours that it has; sure of its class to .9."""

    def __init__(self) -> None:
        shipped_one = read_manifest(shipped("models"), None)
        self.manifest = replace(shipped_one, classes=CLASSES, temperature=1.0, bias=(0.0,) * 7)

    def prepare(self, image: MedicalImage) -> npt.NDArray[np.uint8]:
        """Return the mean colour: uint8 (1, 1, 3)."""
        return np.asarray(image.pixels.mean(axis=(0, 1), keepdims=True), np.uint8)

    def brief(self, prepared: npt.NDArray[np.uint8]) -> Brief:
        """Return one-hot embeddings (n, 8), logits (n, 7), and as 8-bit code the colour's bit."""
        bits = prepared[:, 0, 0] > (_DARK + _LIGHT) // 2
        embedding = np.eye(8, dtype=np.float32)[bits @ np.array([4, 2, 1])]
        odds = CONFIDENCE * 6 / (1 - CONFIDENCE)
        logits = embedding[:, :7] * np.float32(np.log(odds))
        return Brief(embedding, logits, {8: np.packbits(embedding > 0, axis=1)})

    def unfamiliarity(self, prepared: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return 1 for the stranger's colour, 0 for the others: (n,)."""
        return self.brief(prepared).embedding[:, 7]


def draw(file: Path, look: str) -> None:
    """Draw one picture of a look's colour."""
    number = _LOOKS.index(look)
    colour = tuple(_LIGHT if number & bit else _DARK for bit in (4, 2, 1))
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 24), colour).save(file, quality=95)


def archive(folder: Path, header: str, rows: Iterable[tuple[str, str]]) -> Path:
    """Write a data set; a row is its line of the table, image_id first, and its look."""
    lines = []
    for line, look in rows:
        draw(folder / "images" / f"{line.split(',')[0]}.jpg", look)
        lines.append(f"{line}\n")
    (folder / "labels.csv").write_text(header + "".join(lines))
    return folder


def ham10000(
    folder: Path, queries: Sequence[tuple[str, str]] = QUERIES, sites: Sequence[str] = ("back",)
) -> Path:
    """Write HAM10000's likeness: `PER_CLASS` training lesions a class, one more to validate.

    Of the queries, the first of every pair is clean; one test picture is no query.
    """
    rows = []
    for word in CLASSES:
        facts = f"{word},histo,50,male,back,full"
        rows += [(f"G{word}{i},L{word}{i},{facts},train,0,0", word) for i in range(PER_CLASS)]
        rows.append((f"V{word},LV{word},{facts},val,0,0", word))
    for i, (word, look) in enumerate(queries):
        site, kind = sites[i % len(sites)], "consensus" if word == "nv" else "histo"
        line = f"Q{i},LQ{i},{word},{kind},50,male,{site},full,test,1,{1 - i % 2}"
        rows.append((line, look))
    rows.append(("T0,LT0,nv,histo,50,male,back,full,test,0,0", "nv"))
    return archive(folder, HAM_HEADER, rows)
