"""What a protocol found, and how it is shown in a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from inference.evaluation.figures import Figure

_RATIO = "_ratio"


@dataclass(frozen=True, slots=True)
class Result:
    """One protocol's outcome.

    Attributes:
        protocol: its name.
        headline: what was asked against what, a sentence or two.
        figures: name to figure.
    """

    protocol: str
    headline: str
    figures: dict[str, Figure]

    def table(self) -> str:
        """Return the figures as text, each ratio on the line of its figure."""
        lines = [self.headline]
        width = max(len(name) for name in self.figures)
        for name, figure in self.figures.items():
            if name.endswith(_RATIO):
                continue
            line = f"{name:<{width}}  {_shown(figure)}  n {figure.n}"
            ratio = self.figures.get(name + _RATIO)
            lines.append(f"{line}  ratio {_shown(ratio)}" if ratio else line)
        return "\n".join(lines)


def _shown(figure: Figure) -> str:
    return f"{figure.value:.3f}  ({figure.low:.3f} to {figure.high:.3f})"
