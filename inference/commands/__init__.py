"""What the terminal can be asked: one module for each first word after ``caselens``.

Each has ``add_to``, which adds its words to the command line. A command returns its exit code.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

NOTICE = "Research and education, not a diagnosis."
FAILED, STOPPED = 2, 130

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    """Where ``add_to`` adds its words."""
