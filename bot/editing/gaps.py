"""What members did not get, made ready to act on: groups of questions, ranked, and what editors can do with one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.editing.drafts import Drafted, RedirectForm, change_redirect, with_asks
from bot.errors import EditError
from bot.knowledge.model import Knowledge


@dataclass(frozen=True, slots=True)
class Note:
    """Somebody who asked to be told once that there is an answer."""

    id: int
    user_id: int
    entry: str


class Sent(Protocol):
    """A question that was sent to the editors."""

    @property
    def id(self) -> int:
        """A number to speak of it."""
        ...

    @property
    def text(self) -> str:
        """The scrubbed question."""
        ...

    @property
    def nearest(self) -> str:
        """The entry near which it was counted when it went unanswered, or nothing."""
        ...

    @property
    def at(self) -> int:
        """When."""
        ...


class Group(Protocol):
    """Questions that ask nearly the same: places in what was grouped, and the entry that they come nearest to."""

    @property
    def members(self) -> tuple[int, ...]:
        """Places, the most typical first."""
        ...

    @property
    def nearest(self) -> str:
        """An entry."""
        ...

    @property
    def likely(self) -> float:
        """How probable that is."""
        ...


class Counted(Protocol):
    """A count without text: how often there was no answer near an entry."""

    @property
    def nearest(self) -> str:
        """An entry, or nothing."""
        ...

    @property
    def count(self) -> int:
        """How often."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap: the questions (most typical first), the nearest entry, and how often nobody pressed the button."""

    questions: tuple[int, ...]
    texts: tuple[str, ...]
    nearest: str
    likely: float
    uncounted: int
    newest: int

    @property
    def weight(self) -> float:
        """For ranking: a question that somebody sent weighs as much as three that were only counted."""
        return len(self.questions) + self.uncounted / 3


def ranked(sent: Sequence[Sent], groups: Iterable[Group], counts: Iterable[Counted]) -> tuple[Gap, ...]:
    """The gaps, the weightiest first. A count goes to the largest group near its entry; the rest stand alone."""
    left: dict[str, int] = {}
    for one in counts:
        if one.nearest:
            left[one.nearest] = left.get(one.nearest, 0) + one.count
    for question in sent:
        # Sent questions were counted too when they went unanswered.
        if left.get(question.nearest):
            left[question.nearest] -= 1
    gaps: list[Gap] = []
    for group in sorted(groups, key=lambda one: -len(one.members)):
        members = [sent[place] for place in group.members]
        texts, numbers = tuple(one.text for one in members), tuple(one.id for one in members)
        silent = left.pop(group.nearest, 0)
        gaps.append(Gap(numbers, texts, group.nearest, group.likely, silent, max(one.at for one in members)))
    gaps += [Gap((), (), nearest, 0.0, count, 0) for nearest, count in left.items() if count]
    return tuple(sorted(gaps, key=lambda gap: (-gap.weight, -gap.newest, gap.nearest)))


def answer_with(entry: str, texts: Sequence[str], knowledge: Knowledge, today: date) -> Drafted:
    """A draft that lets an entry answer these questions, as its asks. Hand it in with the texts as ``trials``.

    Raises:
        EditError: there is no such entry.
    """
    if entry not in knowledge.entries:
        raise EditError(f"There is no entry {entry}. Pick one from the list.")
    return with_asks(knowledge.entries[entry], asks_from(texts), knowledge, today)


def not_ours(redirect: str, texts: Sequence[str], knowledge: Knowledge, today: date) -> Drafted:
    """A draft that lets a redirect take these questions.

    Raises:
        EditError: there is no such redirect.
    """
    found = knowledge.redirects.get(redirect)
    if found is None:
        raise EditError(f"There is no redirect {redirect}. Pick one from the list.")
    form = RedirectForm(asks="\n".join((*found.asks, *asks_from(texts))))
    return change_redirect(found, form, knowledge, today)


def asks_from(texts: Sequence[str]) -> tuple[str, ...]:
    """Stored phrasings from scrubbed questions: without the brackets that scrubbing left, each once."""
    bare = (" ".join(text.replace("[name]", "they").replace("[someone]", "they").split()) for text in texts)
    plain = (_without_brackets(text) for text in bare)
    return tuple(dict.fromkeys(text for text in plain if text))


def _without_brackets(text: str) -> str:
    for mark in ("[number]", "[link]", "[address]"):
        text = text.replace(mark, "")
    return " ".join(text.split())
