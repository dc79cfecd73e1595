"""Why it matched: class maps, pair maps and their overlays."""

from inference.explain.contours import LEVELS, contour_lines
from inference.explain.gallery import Gallery, GalleryMaps, PairMap
from inference.explain.heatmap import Heatmap
from inference.explain.likeness import Likeness, shipped_likeness
from inference.explain.maps import (
    class_heatmap,
    contributions,
    gradcam_map,
    gradient,
    gradient_map,
    pair_heatmaps,
    saliency_heatmap,
)
from inference.explain.overlay import ColourMap, colour, colour_table, overlay
from inference.explain.region import Region

__all__ = [
    "LEVELS", "ColourMap", "Gallery", "GalleryMaps", "Heatmap", "Likeness", "PairMap", "Region",
    "class_heatmap", "colour", "colour_table", "contour_lines", "contributions", "gradcam_map",
    "gradient", "gradient_map", "overlay", "pair_heatmaps", "saliency_heatmap",
    "shipped_likeness",
]  # fmt: skip
