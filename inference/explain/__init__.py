"""Why it matched: class maps, pair maps and their overlays."""
