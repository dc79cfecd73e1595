"""Query to ranked matches: candidates from the index, re-scored exactly, one hit per lesion."""
