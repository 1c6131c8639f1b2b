"""Builds answerers for the editors, and no index twice: what was built to measure a draft serves it afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.answering.pipeline import Answerer
from bot.knowledge.model import Entry, Knowledge
from bot.knowledge.safety import load_safety

_REST: Final = ("sources", "combinations", "redirects", "notices", "vocabulary", "look_alikes", "families")


class Builder:
    """Keeps what is served and the last draft that was measured. For worker threads."""

    def __init__(self, folder: Path, served: Answerer) -> None:
        self._folder = folder
        self._served = served
        self._draft: Answerer | None = None

    def draft(self, knowledge: Knowledge) -> Answerer:
        """An answerer to measure a draft with."""
        self._draft = self._built(knowledge)
        return self._draft

    def build(self, knowledge: Knowledge) -> Answerer:
        """An answerer to be served."""
        self._served, self._draft = self._built(knowledge), None
        return self._served

    def _built(self, knowledge: Knowledge) -> Answerer:
        safety = load_safety(self._folder / "safety")
        fit = [known for known in (self._draft, self._served) if known is not None and known.safety == safety]
        for known in fit:
            if is_matched_alike(known.knowledge, knowledge):
                return known.within(knowledge)
        return fit[0].about(knowledge) if fit else Answerer(knowledge, safety)


def is_matched_alike(one: Knowledge, other: Knowledge) -> bool:
    """Whether every message is understood the same with both: at most dates and signatures of pages differ."""
    if list(one.entries) != list(other.entries):
        return False
    pages = zip(one.entries.values(), other.entries.values(), strict=True)
    return all(_is_alike(*pair) for pair in pages) and all(getattr(one, part) == getattr(other, part) for part in _REST)


def _is_alike(one: Entry, other: Entry) -> bool:
    return one is other or one == other.model_copy(update={"written": one.written, "review": one.review})
