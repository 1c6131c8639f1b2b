"""What travels between the stages of a message, from question to reply. Frozen values, nothing else.

Stages before composing pass facts (ids, spans, scores, reasons); only :mod:`bot.answering.composing`
turns them into sentences, and only clients know about limits such as 4,000 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from bot.knowledge.model import Facet


class Mode(StrEnum):
    """Whether the message was meant for the bot."""

    ADDRESSED = "addressed"
    OVERHEARD = "overheard"


@dataclass(frozen=True, slots=True)
class Question:
    """A message as it came in. ``now`` is aware (UTC); ``country`` is ISO 3166 alpha-2 or ``None``."""

    text: str
    now: datetime
    mode: Mode = Mode.ADDRESSED
    country: str | None = None
    public: bool = False
    """Whether others can read the reply: support is then one line and a button."""


class Level(StrEnum):
    """How much danger a message speaks of (DESIGN.md, "Safety levels")."""

    NONE = "none"
    INFORMATIONAL = "informational"
    DISTRESS = "distress"
    CONCERN_FOR_OTHER = "concern-for-other"
    CRISIS = "crisis"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """Position from calm (0) to emergency (5)."""
        return _RANKS[self]

    @property
    def is_alarm(self) -> bool:
        """Whether this level is answered with support before anything else."""
        return self in _ALARMS


_RANKS: Final = {level: rank for rank, level in enumerate(Level)}
_ALARMS: Final = frozenset((Level.CONCERN_FOR_OTHER, Level.CRISIS, Level.EMERGENCY))


class Category(StrEnum):
    """What kind of danger was heard; picks the wording and the lines."""

    SUICIDE = "suicide"
    SELF_HARM = "self-harm"
    OVERDOSE = "overdose"
    MEDICAL = "medical"
    ABUSE = "abuse"
    HARM_TO_OTHERS = "harm-to-others"
    OTHER_PERSON = "other-person"
    MANIA_PSYCHOSIS = "mania-psychosis"
    UNCLEAR = "unclear"
    """The screen itself failed, or the message is in a language it does not read."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What the safety screen heard. ``rules`` are the ids of the rules that fired, strongest first."""

    level: Level
    category: Category | None = None
    rules: tuple[str, ...] = ()
    minor: bool = False
    """Whether the writer says that they are under 18."""
    foreign: bool = False
    """Whether the message has no English function words: the screen cannot read it."""


CALM = Screening(Level.NONE)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step that led to a reply: ids and figures only, never a word of the message."""

    stage: str
    rule: str
    ids: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


class Edit(IntEnum):
    """How a name was reached in the message."""

    EXACT = 0
    SPLIT_OR_JOINED = 1
    TYPO = 2


@dataclass(frozen=True, slots=True)
class NameHit:
    """A known name found in the message: words ``start`` to ``end`` (exclusive) reached ``alias``."""

    alias: str
    entries: tuple[str, ...]
    start: int
    end: int
    edit: Edit
    similarity: float
    foreign: bool = False
    """A name that is known and not covered; ``entries`` then holds what is worth offering."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant, with its calibrated probability and each signal's share."""

    entry: str
    confidence: float
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """What matching found in one question: candidates best first, names, facet."""

    candidates: tuple[Candidate, ...]
    names: tuple[NameHit, ...] = ()
    facet: Facet | None = None
    facet_evidence: Mapping[str, float] = field(default_factory=dict)
    redirect: tuple[str, float] | None = None
    small_talk: tuple[str, float] | None = None
    in_scope: float = 1.0
    """Calibrated probability that the question is one the knowledge base answers."""
    reasons: tuple[Reason, ...] = ()


# --- decisions: what to do, as ids ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """One entry and the facet asked for; ``inferred`` marks a facet carried over or chosen by default."""

    entry: str
    facet: Facet | None
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class AnswerWith:
    """Answer one question, or two that came in one message; ``carried`` names back a topic kept from before."""

    targets: tuple[Target, ...]
    confidence: float
    carried: bool = False
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairWith:
    """Answer "can I take X with Y" from the combinations. ``rows`` are positions in the list of pairs, worst first."""

    members: tuple[str, str]
    rows: tuple[int, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class CompareThese:
    """Put two or three entries side by side, by one facet or by the facets they share."""

    entries: tuple[str, ...]
    facet: Facet | None
    confidence: float


@dataclass(frozen=True, slots=True)
class AskBack:
    """Ask which of at most four entries is meant. ``look_alike`` says that two names are easily confused."""

    choices: tuple[str, ...]
    facet: Facet | None
    confidence: float
    look_alike: bool = False


@dataclass(frozen=True, slots=True)
class RedirectTo:
    """Understood, and not ours to answer."""

    redirect: str
    confidence: float
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class ChatBack:
    """Chatter with a calm reply from the vocabulary."""

    small_talk: str
    confidence: float


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Honest: no answer here. ``outside`` is the known name that we do not cover, if that is why."""

    reason: str
    nearest: tuple[str, ...] = ()
    outside: str | None = None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Overheard, and not for us."""

    reason: str


Decision = AnswerWith | PairWith | CompareThese | AskBack | RedirectTo | ChatBack | NotKnown | StaySilent


# --- replies: what the asker reads ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the knowledge base. ``cites`` are the numbers of the reply's sources; none means practice."""

    text: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered source of a reply."""

    number: int
    id: str
    title: str
    publisher: str
    year: int
    url: str | None
    kind: str
    checked: str


@dataclass(frozen=True, slots=True)
class Link:
    """Another entry (and facet) that can be asked for next: a button, or a number in the terminal."""

    entry: str
    title: str
    facet: Facet | None = None


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A warning that goes with an answer; ``text`` is empty when it was already shown in this conversation."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One facet of one entry, ready to be drawn."""

    entry: str
    title: str
    facet: Facet
    facet_label: str
    sentences: tuple[Sentence, ...]
    asked: Facet | None = None
    """The facet that was asked for when the entry has none; ``missing`` then says so."""
    missing: str | None = None
    certainty: str | None = None
    region: tuple[Sentence, ...] = ()
    review: str = ""
    overdue: bool = False
    facets: tuple[Link, ...] = ()
    related: tuple[Link, ...] = ()
    terms: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """What every reply carries: the screening behind it, a gentle line for distress, and its reasons."""

    screening: Screening = CALM
    gentle: str | None = None
    confidence: float = 0.0
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(_Spoken):
    """One or two passages with sources. ``lead`` names a kept topic back; ``left_out`` says what was not answered."""

    passages: tuple[Passage, ...]
    sources: tuple[Citation, ...]
    notices: tuple[NoticeText, ...] = ()
    lead: str | None = None
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing(_Spoken):
    """What is known about taking two things together; ``members`` are entry ids or plain names."""

    title: str
    members: tuple[str, str]
    entries: tuple[str, ...]
    severity: str
    severity_label: str
    sentences: tuple[Sentence, ...]
    sources: tuple[Citation, ...]
    notices: tuple[NoticeText, ...] = ()
    review: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One facet, with a line for each entry in order; an empty line means that the entry has nothing on it."""

    facet: Facet
    facet_label: str
    cells: tuple[tuple[Sentence, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(_Spoken):
    """Two or three entries side by side, no winner."""

    entries: tuple[Link, ...]
    rows: tuple[ComparisonRow, ...]
    sources: tuple[Citation, ...]
    notices: tuple[NoticeText, ...] = ()
    lead: str = ""
    review: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(_Spoken):
    """Did you mean …? At most four, and "none of these"."""

    lead: str
    options: tuple[Link, ...]
    none_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectReply(_Spoken):
    """Understood, not ours: says who can help, and what may still be of use."""

    redirect: str
    title: str
    text: str
    related: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(_Spoken):
    """An honest "I do not know". ``can_send`` offers to send the question to the editors without a name."""

    reason: str
    text: str
    nearest: tuple[Link, ...] = ()
    can_send: bool = True


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A crisis line, with its numbers exactly as listed."""

    service: str
    kind: str
    phone: str | None = None
    text: str | None = None
    chat: str | None = None
    url: str | None = None
    hours: str | None = None


class SupportButton(StrEnum):
    """What a person can press under a support message; clients label them from the safety replies."""

    WORRIED_ABOUT_SOMEONE = "worried-about-someone"
    NOT_SAFE_NOW = "not-safe-now"
    NOT_WHAT_I_MEANT = "not-what-i-meant"
    OTHER_COUNTRY = "other-country"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(_Spoken):
    """Safety first. ``text`` is the whole private message, plain; ``public`` the one line for a channel.

    ``full`` tells a full panel from a short reminder; ``answer`` is a safe informational answer, if there was one.
    """

    text: str
    public: str
    lines: tuple[HelpLine, ...]
    emergency: str
    country: str | None
    full: bool
    wording: str
    buttons: tuple[SupportButton, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTalkReply(_Spoken):
    """A calm word back."""

    small_talk: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Spoken):
    """Nothing is sent."""

    reason: str


Reply = Answer | Pairing | Comparison | Choices | RedirectReply | Unknown | Support | SmallTalkReply | Silence


# --- conversation: what is remembered for 15 minutes -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupportMemory:
    """Which support was shown last, so that it is not repeated word for word.

    ``barrier`` is the worry that was answered last, ``minor`` whether the writer said to be under 18.
    """

    level: Level = Level.NONE
    category: Category | None = None
    shown_at: datetime | None = None
    turns: int = 0
    barrier: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one person and one channel talked about; in memory only, forgotten 15 minutes after ``at``.

    ``previous`` is the author's last message, kept so that the screen can read two halves of one statement
    together; it never leaves this value.
    """

    at: datetime | None = None
    topics: tuple[str, ...] = ()
    facet: Facet | None = None
    offered: tuple[Link, ...] = ()
    offered_facet: Facet | None = None
    listed: tuple[str, ...] = ()
    """Entries that were named, offered or put side by side last, in order: "the second one" points at them."""
    notices: frozenset[str] = frozenset()
    support: SupportMemory = SupportMemory()
    previous: str = ""
    turns: int = 0


NEW = Conversation()
