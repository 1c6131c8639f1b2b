"""What the safety data hold: the screen's words and rules, replies, crisis lines, answers to worries about help.

Frozen models, kept apart from the rest of the knowledge so that a fault there can never silence a crisis reply.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bot.knowledge.model import ID_PATTERN, Country, Id, Line, Prose

Heard = Literal["none", "informational", "distress", "concern-for-other", "crisis", "emergency"]
Sort = Literal[
    "suicide",
    "self-harm",
    "overdose",
    "medical",
    "abuse",
    "harm-to-others",
    "other-person",
    "mania-psychosis",
    "unclear",
]
LineKind = Literal["suicide-crisis", "emotional-support", "youth", "abuse", "poison", "health-advice"]

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=1500, strip_whitespace=True)]
Words = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: tuple(value.split()) if isinstance(value, str) else value)
]


def _null(value: object) -> object:
    return None if value in ("null", "") else value


Optional = Annotated[str | None, BeforeValidator(_null)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Rule(_Model):
    """One thing that the screen listens for, with messages that must and must not set it off."""

    id: Id = Field(description="the stable name of the rule; shown in `why`")
    level: Heard = Field(description="the level when the writer speaks of themself, now")
    category: Sort = Field(description="picks the reply")
    hears: tuple[Phrase, ...] = Field(description="patterns, any of which sets the rule off")
    also: tuple[Phrase, ...] = Field(
        default=(), description="patterns, one of which must be somewhere in the message too"
    )
    too: tuple[Phrase, ...] = Field(
        default=(), description="patterns, one of which must be somewhere in the message as well"
    )
    unless: tuple[Phrase, ...] = Field(default=(), description="patterns, any of which anywhere silences the rule")
    other: Heard | None = Field(
        default=None, description="the level when another person is spoken of: emergency stays, else concern"
    )
    denied: Heard = Field(default="distress", description="the level when it is denied: I am not going to …")
    past: Heard = Field(default="none", description="the level when it lies behind the writer")
    asked: Heard = Field(
        default="informational", description="the level when it is a question about the topic, or about people at large"
    )
    about: Literal["anyone", "other", "speaker"] = Field(
        default="anyone", description="whom the patterns themselves name"
    )
    weight: int = Field(default=0, description="for hints with level none: hints of one message add up, see `Machine`")
    light: bool = Field(default=True, description="whether jokes, games, lyrics and stories silence it")
    alone: bool = Field(default=False, description="whether it only counts when the writer says I, me or my")
    loose: bool = Field(default=False, description="whether it is only trusted in messages meant for the bot")
    fires: tuple[Line, ...] = Field(default=(), description="messages that must set it off at its level or higher")
    silent: tuple[Line, ...] = Field(default=(), description="messages that must not reach an alarm")


class WordList(_Model):
    """words.yaml: how the screen spells and groups words."""

    fillers: Words = Field(description="words without weight, skipped everywhere")
    spellings: Mapping[str, str] = Field(description="slang, short forms and common slips, and what they stand for")
    groups: Mapping[str, Words] = Field(description="words that mean the same to a rule, written {group} there")
    contexts: Mapping[str, tuple[Phrase, ...]] = Field(description="patterns that change how a message is taken")
    ordinary: Words = Field(
        description="ordinary words one letter away from a word of the rules: never taken for a slip"
    )
    english: Words = Field(description="small words by which English is known")
    foreign: Mapping[str, tuple[str, ...]] = Field(description="plain crisis words by language")


class Figures(Mapping[str, tuple[int, ...]]):
    """A row of small figures for each of very many names, held together and only taken apart when asked for."""

    def __init__(self, names: str, figures: array[int], width: int) -> None:
        """``names`` in lines, ``figures`` row after row, ``width`` in each."""
        self.names, self.figures, self.width = names, figures, width

    @classmethod
    def of(cls, rows: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
        """The same held together, where names and figures allow it."""
        widths = {len(row) for row in rows.values()}
        if len(widths) != 1 or any("\n" in name for name in rows):
            return rows
        try:
            return cls("\n".join(rows), array("h", chain.from_iterable(rows.values())), *widths)
        except OverflowError:
            return rows

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names.split("\n"))}

    def __getitem__(self, name: str) -> tuple[int, ...]:
        place = self._rows[name] * self.width
        return tuple(self.figures[place : place + self.width])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Figures):
            return (self.names, self.width, self.figures) == (other.names, other.width, other.figures)
        return super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.names)

    def __reduce__(self) -> tuple[type[Figures], tuple[str, array[int], int]]:
        return Figures, (self.names, self.figures, self.width)


@dataclass(frozen=True, slots=True)
class Weights:
    """weights.json: what the screen learned from labelled messages. Empty means that only the rules speak.

    Each feature has one weight for each of ``heads``, in hundredths. ``limits`` are the scores from which each is
    believed, see ``bot.answering.safety.learned``.
    """

    heads: tuple[str, ...] = ()
    features: Mapping[str, tuple[int, ...]] = dataclass_field(default_factory=dict)
    bias: tuple[float, ...] = ()
    limits: Mapping[str, float] = dataclass_field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """The single words among the features."""
        return tuple(name for name in self.features if name.isalpha())


class Wordings(_Model):
    """Texts for one level and category: in full, and shorter when it was shown a short while ago."""

    full: tuple[Prose, ...] = Field(min_length=3, description="three or more wordings that rotate")
    short: tuple[Prose, ...] = Field(min_length=3, description="three or more reminders that rotate")


class Replies(_Model):
    """replies.yaml: everything that support says."""

    buttons: Mapping[str, Line] = Field(description="labels of the buttons by name")
    phrases: Mapping[str, Prose] = Field(description="the sentences around the lines, by name")
    public: Mapping[str, tuple[Prose, ...]] = Field(description="the one line in a channel, by level")
    gentle: Mapping[str, tuple[Prose, ...]] = Field(
        description="the quiet line with an answer, by category or `default`"
    )
    support: Mapping[str, Mapping[str, Wordings]] = Field(
        description="wordings by level and category; `default` for the rest"
    )


class CrisisLine(_Model):
    """A service to turn to, as listed. ``seen`` is the day the listing was read; nobody called the number."""

    service: Line
    kind: LineKind
    phone: Optional = None
    text: Optional = None
    chat: Optional = None
    url: Optional = None
    hours: Optional = None
    languages: Optional = None
    note: Optional = None
    source: Line
    verified: Literal["search", "knowledge"]
    seen: date
    called: Annotated[date | None, BeforeValidator(_null)] = None


class EmergencyNumber(_Model):
    """The number to call when time matters; ``ambulance`` where medical help has its own."""

    number: Line
    ambulance: Optional = None
    note: Optional = None
    source: Line
    verified: Literal["search", "knowledge"]
    seen: date


class CountryLines(_Model):
    """A country's emergency number and lines, in the order to show them."""

    iso: Country
    country: Line
    emergency: EmergencyNumber
    lines: tuple[CrisisLine, ...] = ()


class InternationalLine(_Model):
    """A directory that leads to lines in many countries."""

    service: Line
    url: Line
    covers: Line
    source: Line
    verified: Literal["search", "knowledge"]
    seen: date


class Directory(_Model):
    """lines.yaml: where to turn, by country, and worldwide."""

    fallback: Line = Field(description="what to say where the emergency number is not known")
    international: tuple[InternationalLine, ...]
    countries: tuple[CountryLines, ...] = ()

    def of(self, country: str | None) -> CountryLines | None:
        """The country by its ISO 3166 alpha-2 code, or ``None``."""
        wanted = (country or "").upper()
        return next((one for one in self.countries if one.iso == wanted), None)


class Barrier(_Model):
    """A worry that keeps people from asking for help, and what can honestly be said about it."""

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN)]
    asks: tuple[Line, ...]
    reply: Prose
    source: Line


class Safety(_Model):
    """All safety data, usable as they are. ``problems`` says what had to be replaced by a fallback, and why."""

    words: WordList
    rules: tuple[Rule, ...]
    replies: Replies
    lines: Directory
    barriers: tuple[Barrier, ...] = ()
    weights: Weights = Weights()
    problems: tuple[str, ...] = ()
