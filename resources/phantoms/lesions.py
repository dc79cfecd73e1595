"""What a recipe takes and gives, and the table of recipes: diagnosis, pattern, how to draw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from resources.phantoms import keratinocytic, melanocytic, mesenchymal
from resources.phantoms.layers import Canvas
from resources.phantoms.recipe import Drawn

Recipe = Callable[[Canvas], Drawn]


@dataclass(frozen=True, slots=True)
class Class:
    """The patterns of one diagnosis.

    Attributes:
        recipes: pattern name to recipe.
        defining: structures of which every lesion of the class holds at least one.
        sites: body sites where it is found, in the words of HAM10000.
        ages: youngest and oldest patient.
    """

    recipes: dict[str, Recipe]
    defining: frozenset[str] = field(default_factory=frozenset)
    sites: tuple[str, ...] = ("trunk",)
    ages: tuple[int, int] = (20, 85)


_BODY = ("back", "trunk", "abdomen", "chest", "lower extremity", "upper extremity")

CLASSES: dict[str, Class] = {
    "akiec": Class(
        {
            "strawberry": keratinocytic.strawberry_keratosis,
            "scaly": keratinocytic.scaly_keratosis,
            "pigmented": keratinocytic.pigmented_keratosis,
            "bowen": keratinocytic.bowen,
        },
        frozenset({"strawberry_pattern", "scale", "glomerular_vessels"}),
        ("face", "scalp", "hand", "ear", "neck", "upper extremity"),
        (55, 85),
    ),
    "bcc": Class(
        {
            "nodular": keratinocytic.nodular_carcinoma,
            "pigmented": keratinocytic.pigmented_carcinoma,
            "superficial": keratinocytic.superficial_carcinoma,
            "ulcerated": keratinocytic.ulcerated_carcinoma,
        },
        frozenset({"arborizing_vessels", "leaf_like_areas", "ovoid_nests", "ulceration"}),
        ("face", "back", "neck", "chest", "ear", "scalp"),
        (45, 85),
    ),
    "bkl": Class(
        {
            "cystic": keratinocytic.cystic_keratosis,
            "cerebriform": keratinocytic.cerebriform_keratosis,
            "lentigo": keratinocytic.solar_lentigo,
            "plugged": keratinocytic.plugged_keratosis,
        },
        frozenset({"milia_like_cysts", "comedo_like_openings", "fissures", "fingerprint"}),
        ("back", "face", "chest", "trunk", "scalp", "upper extremity"),
        (45, 85),
    ),
    "df": Class(
        {
            "classic": mesenchymal.classic_dermatofibroma,
            "white_web": mesenchymal.web_dermatofibroma,
            "ring": mesenchymal.ring_dermatofibroma,
        },
        frozenset({"white_patch"}),
        ("lower extremity", "upper extremity", "trunk"),
        (25, 65),
    ),
    "mel": Class(
        {
            "veil": melanocytic.veil_melanoma,
            "network": melanocytic.network_melanoma,
            "regressing": melanocytic.regressing_melanoma,
            "streaks": melanocytic.streaked_melanoma,
            "multicolour": melanocytic.multicolour_melanoma,
        },
        frozenset({"pigment_network", "streaks", "blue_white_veil", "regression", "globules"}),
        _BODY,
        (30, 85),
    ),
    "nv": Class(
        {
            "reticular": melanocytic.reticular_nevus,
            "globular": melanocytic.globular_nevus,
            "reticuloglobular": melanocytic.mixed_nevus,
            "homogeneous": melanocytic.homogeneous_nevus,
            "growing": melanocytic.growing_nevus,
            "starburst": melanocytic.starburst_nevus,
        },
        frozenset({"pigment_network", "globules", "dots", "streaks"}),
        _BODY,
        (10, 65),
    ),
    "vasc": Class(
        {
            "cherry": mesenchymal.cherry_angioma,
            "purple": mesenchymal.purple_angioma,
            "thrombosed": mesenchymal.angiokeratoma,
            "clustered": mesenchymal.clustered_angioma,
        },
        frozenset({"lacunae"}),
        ("trunk", "abdomen", "chest", "lower extremity", "face", "upper extremity"),
        (20, 80),
    ),
}
