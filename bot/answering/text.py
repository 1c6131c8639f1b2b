"""Words of a message, for matching: folded, with positions, and cut into sentences and clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.answering.folding import fold

WORD: Final = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
"""A word of a folded text."""
_FILLERS: Final = (
    "hey hi hello hiya yo bot please pls plz thanks thank thx ty cheers ok okay so um uh hmm well just quick",
    "question sorry everyone guys all lol",
)
FILLERS: Final = frozenset(word for line in _FILLERS for word in line.split())
"""Words that greet, thank or hedge: a question stays the same question with them."""

_MENTION: Final = re.compile(r"<[@#][!&]?\d{1,24}>|(?<![\w.])@[\w.-]{1,40}")
_SHOUTED: Final = re.compile(r"\b(?=\w*[A-Z]\w*[A-Z])\w+\b")
_TWO_CAPITALS: Final = re.compile(r"[A-Z]\w*[A-Z]")
_END: Final = re.compile(r"(?<=[.!?…\n])\s+|\n+")
_PLURAL: Final = re.compile(r"(?<=[a-z]{3})(?<![sui])s$")
MAX_CHARS: Final = 4000
"""Longest message that Discord lets anyone send; what lies beyond is not read."""

FUNCTION_WORDS: Final = frozenset(
    [
        "a",
        "about",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "give",
        "got",
        "had",
        "has",
        "have",
        "he",
        "her",
        "him",
        "his",
        "how",
        "i",
        "if",
        "im",
        "in",
        "is",
        "it",
        "its",
        "just",
        "like",
        "me",
        "my",
        "no",
        "not",
        "of",
        "off",
        "on",
        "one",
        "or",
        "our",
        "out",
        "she",
        "should",
        "so",
        "some",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "this",
        "those",
        "to",
        "too",
        "up",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
"""Words that say nothing about a topic."""


@dataclass(frozen=True, slots=True)
class Words:
    """The folded words of a message in order. ``asks`` says whether a question mark was seen.

    ``capitals`` are the words that were written in capitals on purpose (``SAMe``, ``ACT``), folded.
    """

    words: tuple[str, ...]
    asks: bool
    folded: str
    capitals: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.words)


def words_of(text: str) -> Words:
    """Fold ``text`` and cut it into words; apostrophes inside words are dropped (``don't`` → ``dont``)."""
    text = text[:MAX_CHARS]
    folded = fold(_MENTION.sub(" ", text) if "@" in text or "#" in text else text)
    if folded.isascii() and folded.replace(" ", "").isalnum():
        found = folded.split(" ")
        found = found if all(found) else list(filter(None, found))
    else:
        found = WORD.findall(folded)
    if "'" in folded or "’" in folded:
        found = [word.replace("'", "").replace("’", "") for word in found]
    return Words(tuple(found), "?" in folded, folded, _capitals(text))


def _capitals(text: str) -> frozenset[str]:
    """Words with two capitals or more, unless the whole message shouts."""
    if text.islower() or not _TWO_CAPITALS.search(text) or text.upper() == text:
        return frozenset()
    return frozenset(fold(word) for word in _SHOUTED.findall(text))


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a message, cut at stops, question marks and line breaks; never empty strings."""
    return tuple(part.strip() for part in _END.split(text[:MAX_CHARS]) if part and part.strip())


def bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a message without fillers and plurals, to tell whether two messages are the same question."""
    return tuple(singular(word) for word in words if word not in FILLERS)


def singular(word: str) -> str:
    """A word without its plural ``s`` (``meds`` → ``med``, ``side effects`` word by word); others unchanged."""
    return word[:-1] if word[-1:] == "s" and _PLURAL.search(word) else word
