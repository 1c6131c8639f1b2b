"""The Discord client's own sentences: button labels, consent and setup texts, errors. They live in YAML, not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.errors import KnowledgeError
from bot.knowledge.locating import packaged
from bot.knowledge.strict_yaml import parse

FILE: Final = "interface.yaml"
LAST_RESORT: Final = "Something went wrong. Please try again. In an emergency call your local emergency number."


@dataclass(frozen=True, slots=True)
class Interface:
    """Texts by name. A text that a deployment's own file lacks comes from the packaged one."""

    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def say(self, name: str, /, **blanks: object) -> str:
        """One sentence with its blanks filled; the last resort when nobody has written it."""
        text = self.texts.get(name, LAST_RESORT)
        for blank, value in blanks.items():
            text = text.replace("{" + blank + "}", str(value))
        return text

    def label(self, name: str, /, **blanks: object) -> str:
        """A button's label: at most 80 characters, as Discord allows."""
        return shortened(self.say(name, **blanks), 80)


def shortened(text: str, most: int) -> str:
    """A title that fits: cut between words, with an ellipsis."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    return (kept.rsplit(" ", 1)[0] if " " in kept[most // 2 :] else kept).rstrip() + "…"


def load_interface(folder: Path | None = None) -> Interface:
    """The client's texts from a knowledge folder, over the packaged ones.

    Raises:
        KnowledgeError: the folder's file cannot be read; names the line.
    """
    texts = _read(packaged() / FILE)
    if folder is not None and (folder / FILE).is_file():
        texts |= _read(folder / FILE)
    return Interface(MappingProxyType(texts))


def _read(path: Path) -> dict[str, str]:
    document = parse(path.read_bytes(), path.name)
    if document.problem is not None:
        raise KnowledgeError(str(document.problem))
    value = document.value
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise KnowledgeError(f"{path.name}: every line is a name and its text. Mend the file or remove it.")
    return {name: str(text).strip() for name, text in value.items()}
