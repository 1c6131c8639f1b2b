"""JSON Schema for text editors (``nextstep schema``), generated from the models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.knowledge.reading import adapter

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "entry": "entry",
        "redirect": "redirect",
        "source": "sources",
        "combinations": "combinations",
        "notice": "notices",
        "vocabulary": "vocabulary",
        "look-alikes": "look-alikes",
        "families": "families",
    }
)
"""What a file holds, and the name of its schema file."""


def schemas() -> dict[str, str]:
    """The text of every schema file, by file name."""
    made = {}
    for what, name in FILES.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **adapter(what).json_schema()}
        made[f"{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return made


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema into ``schema/`` of a knowledge folder; the paths written."""
    target = folder / "schema"
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in schemas().items():
        (target / name).write_text(text, encoding="utf-8")
        written.append(target / name)
    return tuple(written)
