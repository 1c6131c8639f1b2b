"""How sentences, headings and sources are written in a drawing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.answering.model import Citation, Passage, Sentence
from bot.client.interface import shortened
from bot.knowledge.model import Facet

NAME: Final = 40
"""Characters of a title that is repeated again and again."""


def spoken(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """Sentences with the numbers of their sources before the stop."""
    return tuple(map(_sentence, sentences))


def _sentence(sentence: Sentence) -> str:
    if not sentence.cites:
        return sentence.text
    numbers = "".join(f"[{number}]" for number in sorted(sentence.cites))
    ends = sentence.text[-1:] in ".?!"
    return f"{sentence.text[:-1]} {numbers}{sentence.text[-1]}" if ends else f"{sentence.text} {numbers}"


def heading(part: Passage) -> str:
    """``### Lithium: side effects``; the overview needs no second word."""
    label = "" if part.facet is Facet.OVERVIEW else f": {_lowered(part.facet_label)}"
    return f"### {part.title}{label}"


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def source_line(source: Citation) -> str:
    """``-# 1. [Title (Publisher, 2022)](<https://…>)``."""
    name = f"{source.title} ({source.publisher}, {source.year})".replace("[", "(").replace("]", ")")
    return f"-# {source.number}. " + (f"[{name}](<{source.url}>)" if source.url else name)


def short_names(titles: Sequence[str]) -> tuple[str, ...]:
    """Titles without what stands in brackets behind, at most a line long; as they are where two would be the same."""
    short = tuple(shortened(re.sub(r"\s*\([^()]*\)$", "", title) or title, NAME) for title in titles)
    return short if len(set(short)) == len(titles) else tuple(titles)
