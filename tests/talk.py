"""Talking with an answerer as a member does: turn after turn, at a fixed time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.answering.model import NEW, Conversation, Mode, Question, Reply
from bot.answering.pipeline import Answerer
from bot.answering.protocol import to_row

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@dataclass
class Talk:
    """One person's conversation."""

    answerer: Answerer
    now: datetime = NOW
    conversation: Conversation = NEW
    replies: list[Reply] = field(default_factory=list)

    def say(self, text: str, mode: Mode = Mode.ADDRESSED, country: str | None = None) -> Reply:
        """The reply to one more message."""
        reply, self.conversation = self.answerer.reply(Question(text, self.now, mode, country), self.conversation)
        self.replies.append(reply)
        return reply

    def row(self, text: str, mode: Mode = Mode.ADDRESSED, country: str | None = None) -> dict[str, Any]:
        """The reply to one more message, as a row of the batch protocol."""
        return to_row(self.say(text, mode, country), self.answerer.revision)

    def wait(self, minutes: float) -> None:
        """Time goes by."""
        self.now += timedelta(minutes=minutes)


def ask(answerer: Answerer, text: str, mode: Mode = Mode.ADDRESSED, country: str | None = None) -> dict[str, Any]:
    """The reply to a message by itself, as a row of the batch protocol."""
    return Talk(answerer).row(text, mode, country)
