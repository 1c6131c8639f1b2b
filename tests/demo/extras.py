"""What the demo needs beyond the bot itself, looked up without importing it."""

from __future__ import annotations

import importlib.util
import sys
from typing import Final

_PREVIEW: Final = {
    "simcord": "simcord",
    "linkify_it": "linkify-it-py",
    "markdown_it": "markdown-it-py",
    "PIL": "pillow",
    "regex": "regex",
    "av": "av",
}
_BROWSER: Final = {"playwright": "playwright"}
_HOW: Final = "“make demo” and “make pictures” install them; by hand: pip install “simcord[screenshot]==3.2.1”."


def missing(*, pictures: bool = False) -> str | None:
    """What is not installed and how to get it; ``None`` when all is there."""
    wanted = _PREVIEW | (_BROWSER if pictures else {})
    absent = [package for module, package in wanted.items() if importlib.util.find_spec(module) is None]
    return f"Not installed: {', '.join(absent)}. {_HOW}" if absent else None


def say(line: str) -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
