"""The manifest of shipped models: what each file is, and the proof that it is that file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.encoder.external_data import declares_external_data
from inference.encoder.model import FEATURE_MAP, LOCAL_MAP
from inference.errors import ModelError

FORMAT = 1
FILE_NAME = "manifest.json"
_REINSTALL = "Install CaseLens again, or put back the models folder that came with it"
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError)
"""What reading a JSON document of another shape than expected raises."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model as its manifest entry describes it.

    Attributes:
        name: unique, such as ``"dermoscopy-4-rgb"``.
        title: shown to the reader.
        file: file name inside the models folder.
        sha256: of the file, 64 hexadecimal digits; it names the model everywhere.
        side: side in pixels of the square RGB uint8 picture it takes.
        classes: abbreviations that index logits and class maps.
        embedding: number of dimensions of the embedding.
        bits: lengths of its hash codes, which lie side by side in its output ``code``; may be
            empty.
        two_passes: whether a first pass tells the second where to look, and its map comes out.
        local: whether it gives local maps, see `Features`.
        temperature: divides the logits before the softmax.
        bias: added to the divided logits, one for each class: the base rates that calibration
            found, since the logits themselves are those of a balanced world.
        unfamiliarity_limit: pictures that score above it are said not to look like dermoscopy.
        plausibility_limit: queries whose `Answer.plausibility` is no higher are said to be unlike
            what the library holds.
        training_data: names of the data sets.
        licence: of the weights, given their training data.
        date: of the training, ISO 8601.
        card: file name of the model card.
    """

    name: str
    title: str
    file: str
    sha256: str
    side: int
    classes: tuple[str, ...]
    embedding: int
    bits: tuple[int, ...]
    two_passes: bool
    local: bool
    temperature: float
    bias: tuple[float, ...]
    unfamiliarity_limit: float
    plausibility_limit: float
    training_data: tuple[str, ...]
    licence: str
    date: str
    card: str

    @property
    def maps(self) -> tuple[str, ...]:
        """Names of the maps that a library keeps of each picture."""
        return (FEATURE_MAP, LOCAL_MAP) if self.local else (FEATURE_MAP,)


def read_manifests(folder: Path) -> list[Manifest]:
    """Read ``folder``'s manifest: every model, the default one first, the rest in their order.

    Args:
        folder: the models folder.

    Raises:
        ModelError: the manifest is missing, damaged or of a newer format.
    """
    path = folder / FILE_NAME
    content = _read_document(folder)
    try:
        entries = {entry["name"]: entry for entry in content["models"]}
        default = str(content["default"])
    except _DAMAGE as error:
        raise ModelError(path, f"the list of models is damaged ({error})", _REINSTALL) from error
    if default not in entries:
        raise ModelError(
            path, f"the list of models is damaged (it lacks its default, {default})", _REINSTALL
        )
    # The default first, whatever its place in the file.
    return [_read_entry(path, entries[name]) for name in {default: None} | entries]


def _read_document(folder: Path) -> dict[str, Any]:
    """Read the manifest as far as its format, which must be this program's."""
    path = folder / FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content["format"]
    except FileNotFoundError as error:
        raise ModelError(path, "the list of models is missing", _REINSTALL) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(
            path, f"the list of models cannot be read ({reason})", _REINSTALL
        ) from error
    except _DAMAGE as error:
        raise ModelError(path, f"the list of models is damaged ({error})", _REINSTALL) from error
    if version != FORMAT:
        raise ModelError(
            path, f"the list of models has format {version}, this program reads {FORMAT}",
            "Use models and program of the same release",
        )  # fmt: skip
    found: dict[str, Any] = content
    return found


def read_manifest(folder: Path, name: str | None = None) -> Manifest:
    """Read one entry of ``folder``'s manifest.

    Args:
        folder: the models folder.
        name: of the model; None for the default one.

    Raises:
        ModelError: the manifest is missing, damaged, of a newer format, or has no such model.
    """
    manifests = read_manifests(folder)
    if name is None:
        return manifests[0]
    found = next((manifest for manifest in manifests if manifest.name == name), None)
    if found is None:
        known = ", ".join(sorted(manifest.name for manifest in manifests))
        raise ModelError(
            folder / FILE_NAME, f"there is no model named {name}", f"Choose one of: {known}"
        )
    return found


@dataclass(frozen=True, slots=True)
class GraphFile:
    """A shipped graph without weights, which any encoder's outputs can be put into.

    Attributes:
        file: file name inside the models folder.
        sha256: of the file, 64 hexadecimal digits.
    """

    file: str
    sha256: str


def read_graph_file(folder: Path, name: str) -> GraphFile:
    """Read one entry of the part ``graphs`` of ``folder``'s manifest.

    Args:
        folder: the models folder.
        name: of the graph, such as ``"pair_maps"``.

    Raises:
        ModelError: the manifest is missing, damaged, of a newer format, or has no such graph.
    """
    content = _read_document(folder)
    try:
        entry = content["graphs"][name]
        return GraphFile(str(entry["file"]), str(entry["sha256"]))
    except _DAMAGE as error:
        raise ModelError(
            folder / FILE_NAME, f"the list of models lacks the graph {name}", _REINSTALL
        ) from error


def _read_entry(path: Path, entry: dict[str, Any]) -> Manifest:
    try:
        return _entry(entry)
    except _DAMAGE as error:
        name = entry["name"]
        raise ModelError(path, f"the entry of {name} is damaged ({error})", _REINSTALL) from error


def _entry(entry: dict[str, Any]) -> Manifest:
    classes = tuple(str(word) for word in entry["classes"])
    bias = tuple(float(value) for value in entry["calibration"]["bias"])
    if len(bias) != len(classes):
        raise ValueError(f"{len(bias)} biases for {len(classes)} classes")
    bits = tuple(int(length) for length in entry.get("bits", ()))
    if any(length <= 0 or length % 8 for length in bits):
        raise ValueError(f"hash codes of {bits} bits are not whole bytes")
    return Manifest(
        name=str(entry["name"]),
        title=str(entry["title"]),
        file=str(entry["file"]),
        sha256=str(entry["sha256"]),
        side=int(entry["input"]["side"]),
        classes=classes,
        embedding=int(entry["outputs"]["embedding"][1]),
        bits=bits,
        two_passes="saliency" in entry["outputs"],
        local=LOCAL_MAP in entry["outputs"],
        temperature=float(entry["calibration"]["temperature"]),
        bias=bias,
        unfamiliarity_limit=float(entry["calibration"]["unfamiliarity_limit"]),
        plausibility_limit=float(entry["calibration"]["plausibility_limit"]),
        training_data=tuple(str(word) for word in entry["training_data"]),
        licence=str(entry["licence"]),
        date=str(entry["date"]),
        card=str(entry["card"]),
    )


def read_verified(folder: Path, manifest: Manifest | GraphFile) -> bytes:
    """Return the model's bytes after checking them; these bytes, and no file, are then loaded.

    Raises:
        ModelError: the file is missing, is not the file of the manifest, or wants other files
            beside it, which no hash would cover.
    """
    path = folder / manifest.file
    if path.name != manifest.file:
        raise ModelError(path, "the model's file lies outside the models folder", _REINSTALL)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(path, f"the model cannot be read ({reason})", _REINSTALL) from error
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise ModelError(path, "the model is not the file that its manifest names", _REINSTALL)
    if declares_external_data(content):
        raise ModelError(path, "the model wants weights from other files", _REINSTALL)
    return content
