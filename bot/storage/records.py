"""What the repositories hand out: frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a channel was opened for by an administrator."""

    ANSWER = "answer"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Staffed:
    """When moderators are there: minutes of the day (0 to 1439) in a time zone; ``until`` may be past midnight."""

    start: int
    until: int
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """A server's settings. The default is the most careful: answers only when called, no alerts."""

    guild_id: int
    plain: bool = False
    country: str | None = None
    moderator_role: int | None = None
    editor_role: int | None = None
    clinician_role: int | None = None
    alert_channel: int | None = None
    alert_role: int | None = None
    staffed: Staffed | None = None
    paused: bool = False
    answer_in: frozenset[int] = frozenset()
    watch_in: frozenset[int] = frozenset()

    @property
    def listens(self) -> bool:
        """Whether messages that do not address the bot matter anywhere in this server."""
        return bool(self.answer_in or self.watch_in)


@dataclass(frozen=True, slots=True)
class Member:
    """A member's preferences, the same in every server."""

    user_id: int
    country: str | None = None
    low_energy: bool = False
    plain: bool = False
    opted_out: bool = False
    introduced_at: int | None = None


@dataclass(frozen=True, slots=True)
class SentReply:
    """That a message was answered, and by which message; ``reply_id`` is ``None`` while that one is being sent."""

    message_id: int
    channel_id: int
    asker_id: int
    reply_id: int | None
    kind: str
    entries: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that stands in a moderators' channel."""

    alert_id: int
    channel_id: int
    guild_id: int
    rules: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule of the screen raised an alert, and how often that was wrong."""

    rule: str
    alerts: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How often an entry's facet was rated so."""

    entry: str
    facet: str
    verdict: str
    count: int


@dataclass(frozen=True, slots=True)
class Miss:
    """How often there was no answer for this reason, nearest to that entry."""

    reason: str
    nearest: str
    count: int


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """A question that a member sent to the editors without a name."""

    id: int
    text: str
    nearest: str
    at: int
