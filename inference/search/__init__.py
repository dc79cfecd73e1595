"""Query to ranked matches: candidates from the index, re-scored exactly, one hit per lesion."""

from inference.search.find import find, vote
from inference.search.model import Match
from inference.search.plausibility import plausibility
from inference.search.regions import find_region
from inference.search.rivals import nearest_of_each

__all__ = ["Match", "find", "find_region", "nearest_of_each", "plausibility", "vote"]
