"""What every recipe gives back, and the words of the seven-point checklist."""

from __future__ import annotations

from dataclasses import dataclass

from resources.phantoms.noise import Mask

ATTRIBUTE_VALUES: dict[str, frozenset[str]] = {
    "pigment_network": frozenset({"absent", "typical", "atypical"}),
    "streaks": frozenset({"absent", "regular", "irregular"}),
    "pigmentation": frozenset(
        {
            "absent",
            "diffuse regular",
            "diffuse irregular",
            "localized regular",
            "localized irregular",
        }
    ),
    "regression_structures": frozenset({"absent", "blue areas", "white areas", "combinations"}),
    "dots_and_globules": frozenset({"absent", "regular", "irregular"}),
    "blue_whitish_veil": frozenset({"absent", "present"}),
    "vascular_structures": frozenset(
        {
            "absent",
            "arborizing",
            "comma",
            "dotted",
            "hairpin",
            "linear irregular",
            "within regression",
            "wreath",
        }
    ),
}
"""Criterion to its values, in the words of Derm7pt (Kawahara et al. 2019, IEEE JBHI 23:538)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A lesion on the canvas.

    Attributes:
        mask: bool (height, width): the lesion.
        attributes: the seven criteria, each with a word of `ATTRIBUTE_VALUES`.
    """

    mask: Mask
    attributes: dict[str, str]


def seven_points(**found: str) -> dict[str, str]:
    """Fill in ``"absent"`` for each criterion that is not named.

    Raises:
        ValueError: a criterion or a value that the checklist does not know.
    """
    for name, value in found.items():
        if value not in ATTRIBUTE_VALUES.get(name, frozenset()):
            raise ValueError(f"the seven-point checklist knows no {name} {value!r}")
    return {name: found.get(name, "absent") for name in ATTRIBUTE_VALUES}
