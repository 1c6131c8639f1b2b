"""Sentences and their marks: where each claim of a text comes from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.knowledge.model import MARK

_ENDS: Final = re.compile(r"(?<=[.?!])[\"”’')]*(\s+)|(?<=\])\s+(?=[A-Z\"“])")
_STARTS: Final = re.compile(r"[A-Z0-9\"“‘'(\[]")
_SHORTENED: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|etc|cf|al|Dr|Mr|Mrs|Ms|Prof|St|No|approx|[A-Z])|\b[A-Z]\.[A-Z])\.$"
)
_MARKED_END: Final = re.compile(r"\][.?!]?[\"”’')]*$")
_BETWEEN: Final = re.compile(r"[^\w+]+")
_WORD: Final = re.compile(r"[^\W\d_](?:[^\W_]|['’-](?=[^\W_]))*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as written, with the ids it cites and whether it is marked as plain practical advice."""

    text: str
    sources: tuple[str, ...]
    practice: bool

    @property
    def plain(self) -> str:
        """The sentence without its marks."""
        return MARK.sub("", self.text)

    @property
    def marked(self) -> bool:
        """Whether its mark stands at its end, where readers and the reply look for it."""
        return bool((self.sources or self.practice) and _MARKED_END.search(self.text))


@lru_cache(maxsize=8192)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a passage, in order."""
    found: list[str] = []
    start = 0
    for gap in _ENDS.finditer(text):
        before, after = text[start : gap.end()].rstrip(), text[gap.end() :]
        certain = _MARKED_END.search(before)
        if certain or (_STARTS.match(after) and not _SHORTENED.search(before)):
            found.append(before)
            start = gap.end()
    found.append(text[start:].strip())
    return tuple(_sentence(one) for one in found if one)


def _sentence(text: str) -> Sentence:
    marks = [mark.group(1) for mark in MARK.finditer(text)]
    cited = [part.strip().removeprefix("@") for mark in marks if mark != "practice" for part in mark.split(";")]
    return Sentence(text, tuple(dict.fromkeys(cited)), "practice" in marks)


def words(text: str) -> list[str]:
    """The words of a text, without figures; hyphens and apostrophes hold a word together."""
    return _WORD.findall(text)


def length(text: str) -> int:
    """How many words a reader reads: parts between spaces, marks not counted."""
    return len(MARK.sub("", text).split())


def opening(text: str) -> str:
    """The first words of a sentence, to find it by."""
    plain = MARK.sub("", text)
    return plain if len(plain) <= 50 else plain[:49].rsplit(" ", 1)[0] + "…"


def fold(text: str) -> str:
    """One spelling for what readers do not tell apart: case, accents, punctuation, spacing."""
    bare = text.casefold()
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return " ".join(_BETWEEN.split(bare.replace("'", "").replace("’", ""))).strip()
