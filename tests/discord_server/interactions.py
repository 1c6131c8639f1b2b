"""Interactions of the local Discord: who may answer when, how often, and what the person then sees."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from tests.discord_server.world import EPHEMERAL, Channel, Json, Message, User

FIRST_ANSWER_SECONDS: Final = 3.0
TOKEN_SECONDS: Final = 15 * 60.0
USER_INSTALL_FOLLOWUPS: Final = 5
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
PONG, REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, SHOW_MODAL = 1, 4, 5, 6, 7, 8, 9


class Refused(Exception):
    """Discord answers with an error: HTTP status, code and sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(eq=False)
class Interaction:
    """One thing that a person did, and what the bot made of it."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    payload: Json
    source: Message | None = None
    """The message whose button or menu was used."""
    user_install: bool = False
    public_allowed: bool = True
    born: float = field(default_factory=time.monotonic)
    answered_after: float | None = None
    response: Json | None = None
    """The callback as sent: ``{"type": …, "data": …}``."""
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    placeholder: bool = False
    ephemeral: bool = False

    @property
    def choices(self) -> list[Json]:
        """The autocomplete choices."""
        return list((self.response or {}).get("data", {}).get("choices", []))

    @property
    def modal(self) -> Json | None:
        """The modal that was opened, if one was."""
        response = self.response or {}
        return response["data"] if response.get("type") == SHOW_MODAL else None

    @property
    def shown(self) -> Message:
        """The message that answered, or the one that was changed in its place, for pressing what is on it.

        Raises:
            LookupError: there is none, because a form was opened or choices were proposed.
        """
        found = self.original or self.source
        if found is None:
            raise LookupError("nothing was shown in answer")
        return found

    def text(self) -> str:
        """All that the person reads in answer, the first response and every follow-up."""
        messages = [message for message in [self.original, *self.followups] if message and not message.deleted]
        return "\n".join(message.text() for message in messages)

    def accept(self, kind: int, data: Json) -> None:
        """Check a first response.

        Raises:
            Refused: it is the second one (40060), or comes after three seconds (10062).
        """
        if self.response is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if time.monotonic() - self.born > FIRST_ANSWER_SECONDS:
            raise Refused(404, 10062, "Unknown interaction")
        if kind in {DEFER_UPDATE, UPDATE} and self.source is None:
            raise Refused(400, 50035, "Invalid Form Body: this interaction has no message to update")
        if kind == SHOW_MODAL and self.kind in {MODAL, AUTOCOMPLETE}:
            raise Refused(400, 50035, "Invalid Form Body: a modal may not be opened here")
        if (kind == CHOICES) != (self.kind == AUTOCOMPLETE):
            raise Refused(400, 50035, "Invalid Form Body: choices answer an autocomplete, and nothing else does")
        if kind == DEFER and int(data.get("flags") or 0) & ~EPHEMERAL:
            raise Refused(400, 50035, "Invalid Form Body: deferring accepts no flag but EPHEMERAL")

    def check_followup(self) -> None:
        """Check that a follow-up may be sent.

        Raises:
            Refused: nothing was answered yet (10015), the token is too old (50027), or a user install sends a sixth.
        """
        if self.response is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if time.monotonic() - self.born > TOKEN_SECONDS:
            raise Refused(401, 50027, "Invalid Webhook Token")
        if self.user_install and len(self.followups) >= USER_INSTALL_FOLLOWUPS:
            raise Refused(400, 40094, "You have reached the maximum number of follow-up messages")
