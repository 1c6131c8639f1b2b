"""Writes those parts of the papers that follow from the program: the tables of settings and of what is stored.

``python deploy/papers.py`` puts them between their marks in every page that has the marks; a test holds the pages to
it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from bot.config import settings_table
from bot.storage import described

ROOT: Final = Path(__file__).resolve().parent.parent


def stored_table() -> str:
    """Every column of the database with why and for how long, by table."""
    parts = []
    for table, columns in groupby(described(), key=lambda kept: kept.table):
        rows = list(columns)
        lines = [f"| `{row.column}` | {row.why} |" for row in rows]
        parts.append(
            "\n".join([f"**`{table}`**, kept {rows[0].kept}:", "", "| column | why |", "| --- | --- |", *lines])
        )
    return "\n\n".join(parts)


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {"settings": settings_table, "stored": stored_table}


def pages() -> list[Path]:
    """The papers."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def filled(text: str) -> str:
    """A page with every marked block as it follows from the program."""
    for name, make in BLOCKS.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if pattern.search(text):
            block = make()
            text = pattern.sub(lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text)  # type: ignore[misc]
    return text


def main() -> None:
    """Write the blocks."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        if (after := filled(before)) != before:
            page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
