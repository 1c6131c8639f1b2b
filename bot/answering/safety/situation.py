"""Who a statement is about, whether it is denied, past, quoted, asked or played: what turns words into a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.answering.safety.finding import Found
from bot.answering.safety.reading import Reading

_REACH_OF_NOT: Final = 5
_TURNS: Final = frozenset(("but", "however", "yet", "though", "although", "except", "until", "then"))


_THEY: Final = frozenset(("they", "them", "their", "themselves", "themself", "theirs"))
_OBJECTS: Final = frozenset(("me", "him", "her", "them", "us"))
_OWNERS: Final = frozenset(("my", "mine", "our", "his", "their", "your"))


class Who(IntEnum):
    """Whom the nearest subject names."""

    NOBODY = 0
    SPEAKER = 1
    OTHER = 2
    LISTENER = 3
    THING = 4
    PEOPLE = 5
    SOMEONE = 6


ROLES: Final = {
    "speaker": Who.SPEAKER,
    "other": Who.OTHER,
    "listener": Who.LISTENER,
    "thing": Who.THING,
    "people": Who.PEOPLE,
    "someone": Who.SOMEONE,
}
"""The groups of words.yaml that name a subject."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Words that settle a situation, from the groups ``not``, ``think``, ``self`` and those of :data:`ROLES`."""

    subjects: Mapping[str, Who]
    negations: frozenset[str]
    thinking: frozenset[str]
    breaks: frozenset[str]
    openers: frozenset[str]


class Situation:
    """One message laid out: the subject, negation and time at each word. Built only when some pattern was found."""

    def __init__(self, reading: Reading, roles: Roles, past: Sequence[Found], now: Sequence[Found]) -> None:
        self._reading, self._roles = reading, roles
        self.subjects: list[Who] = []
        self.denied: list[int] = []
        self.segments: list[int] = []
        self.sentences: list[int] = []
        self._lay_out()
        self._past = {self.segments[found.end] for found in past}
        self._now = {self.segments[found.end] for found in now}

    def _lay_out(self) -> None:
        words, roles = self._reading.words, self._roles
        who, last_subject, scope, segment, sentence, thinking = Who.NOBODY, -9, 0, -1, -1, False
        for at, word in enumerate(words):
            bit = 1 << at
            if self._reading.starts & bit:
                who, scope, segment, sentence, thinking = Who.NOBODY, 0, segment + 1, sentence + 1, False
            elif self._reading.clauses & bit:
                scope, thinking = 0, False
            if word in _TURNS:
                scope, segment = 0, segment + 1
            role = roles.subjects.get(word)
            if (
                role is not None
                and not (word in _THEY and who in (Who.PEOPLE, Who.SOMEONE, Who.THING))
                and not (role is Who.THING and who is not Who.NOBODY and at - last_subject > 1)
            ):
                if role is Who.SPEAKER and word == "i" and scope and not thinking:
                    scope = 0
                who, last_subject = role, at
            if word in roles.thinking:
                thinking = True
            self.subjects.append(who)
            self.denied.append(scope)
            self.segments.append(segment)
            self.sentences.append(sentence)
            if word in roles.negations and not (at and words[at - 1] == "why"):
                scope = 0 if at and words[at - 1] in roles.negations else _REACH_OF_NOT
            elif word in roles.breaks:
                scope = 0
            elif scope:
                scope -= 1

    def who(self, found: Found) -> Who:
        """The subject of a pattern's place: the one inside it, else the nearest before it in its sentence."""
        words, subjects = self._reading.words, self._roles.subjects
        before = self.subjects[found.start]
        vague = _THEY if before in (Who.PEOPLE, Who.SOMEONE, Who.THING) else frozenset()
        inside = [
            subjects[word] for word in words[found.start : found.end + 1] if word in subjects and word not in vague
        ]
        for role in (Who.SPEAKER, Who.OTHER, Who.SOMEONE, Who.LISTENER):
            if role in inside:
                return role
        return before

    def is_denied(self, found: Found, near: bool = False) -> bool:
        """Whether a negation reaches the first word of the pattern, or stands in it without belonging to it.

        ``near`` asks for one right before it: ``can't keep my eyes open took them all`` denies nothing.
        """
        if self.denied[found.start] > (_REACH_OF_NOT - 2 if near else 0):
            return True
        inside = self._reading.words[found.start : found.end + 1]
        return not found.negative and sum(word in self._roles.negations for word in inside) % 2 == 1

    def is_past(self, found: Found) -> bool:
        """Whether the pattern's part of the sentence speaks of the past, and of nothing that came back."""
        segment = self.segments[found.start]
        return segment in self._past and segment not in self._now

    def is_quoted(self, found: Found) -> bool:
        """Whether the whole place lies inside quotation marks."""
        return bool(self._reading.quoted >> found.start & 1 and self._reading.quoted >> found.end & 1)

    def quoted_by(self, found: Found) -> Who:
        """Who speaks the quotation that holds the place: the last subject before it, not one who is told."""
        at = found.start
        while at >= 0 and self._reading.quoted >> at & 1:
            at -= 1
        told = Who.NOBODY
        for back in range(at, -1, -1):
            word = self._reading.words[back]
            if (role := self._roles.subjects.get(word)) is None or word in _OWNERS:
                continue
            if word not in _OBJECTS:
                return role
            told = told or role
        return told

    def names_other(self, found: Found) -> bool:
        """Whether the place itself names somebody certain: a friend, a son, he or she."""
        words, subjects = self._reading.words, self._roles.subjects
        return any(subjects.get(word) is Who.OTHER for word in words[found.start : found.end + 1])

    def asks(self) -> bool:
        """Whether a sentence opens as a question: ``does …``, ``what …``, but not ``can't …``."""
        raw, openers = self._reading.raw, self._roles.openers
        opening = True
        for at, token in enumerate(raw):
            if opening and token in openers and not (at + 1 < len(raw) and raw[at + 1] in ("not", "u")):
                return True
            opening = token[0] in ".?!…\n"
        return False

    def says_i(self) -> bool:
        """Whether the writer names themself outside quotation marks."""
        quoted = self._reading.quoted
        subjects = self._roles.subjects
        return any(
            subjects.get(word) is Who.SPEAKER and not quoted >> at & 1 for at, word in enumerate(self._reading.words)
        )
