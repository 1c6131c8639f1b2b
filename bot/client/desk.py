"""The desk between Discord and the answers: conversations, preferences, and how a reply is drawn for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from bot.answering.model import (
    NEW,
    Answer,
    Conversation,
    Level,
    Mode,
    Question,
    Reason,
    Reply,
    Screening,
    Support,
    SupportButton,
)
from bot.answering.pipeline import Answerer, remembered
from bot.answering.support import answer_button, compose_support
from bot.client.cards import Card, cards, fits
from bot.client.drawing import Control, Drawing, Look, Style, draw, heading, parts_of
from bot.client.ids import button_id, decoded
from bot.client.interface import Interface
from bot.client.memory import Cooldowns, Lately
from bot.client.paging import Place
from bot.editing.scrubbing import Familiar, familiar, scrub
from bot.knowledge.model import Facet
from bot.storage import Alerts, Database, Feedback, Gaps, GuildSettings, Member, Members, Replies, Settings, State

Talk = tuple[int, int]
"""A conversation's key: person and channel."""
Turn = Callable[[Conversation], tuple[Reply, Conversation]]


def facet_named(name: str) -> Facet:
    """The facet that a button names; the overview for what is none."""
    return Facet(name) if name in list(Facet) else Facet.OVERVIEW


def not_ahead(conversation: Conversation, now: datetime) -> Conversation:
    """After the machine's clock was set back, what was said before counts as said just now."""
    if conversation.at is None or conversation.at <= now:
        return conversation
    shown = conversation.support.shown_at
    support = replace(conversation.support, shown_at=min(shown, now) if shown else None)
    return replace(conversation, at=now, support=support)


@dataclass
class Desk:
    """Everything that an edge of the client needs. ``answerer`` may be replaced at any time by a newer one."""

    answerer: Answerer
    interface: Interface
    database: Database
    country_of_last_resort: str | None = None
    contact: str | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    talks: Lately[Talk, Conversation] = field(default_factory=lambda: Lately(10_000))
    reasons: Lately[int, tuple[Reason, ...]] = field(default_factory=lambda: Lately(2_000))
    rated: Lately[tuple[int, int], bool] = field(default_factory=lambda: Lately(10_000))
    cooldowns: Cooldowns = field(default_factory=Cooldowns)
    _known: tuple[str, Familiar] | None = None

    def __post_init__(self) -> None:
        self.settings = Settings(self.database)
        self.members = Members(self.database)
        self.replies = Replies(self.database)
        self.alerts = Alerts(self.database)
        self.gaps = Gaps(self.database)
        self.feedback = Feedback(self.database)
        self.state = State(self.database)

    # --- asking: all synchronous, so that a conversation's turns never overlap ----------------------------------

    def moment(self) -> int:
        """Now, in seconds since 1970."""
        return int(self.clock().timestamp())

    def _talk(self, talk: Talk) -> Conversation:
        return not_ahead(self.talks.get(talk) or NEW, self.clock())

    def _turn(self, talk: Talk, turn: Turn, *, whole: bool = False, short: bool = False) -> Reply:
        """One turn of a conversation. ``whole`` gives warnings in full although they were shown before; ``short``
        means that the reader is shown their titles only, so that they still have to be given in full."""
        before = remembered(self._talk(talk), self.clock())
        reply, after = turn(replace(before, notices=frozenset()) if whole else before)
        seen = before.notices if short else after.notices | before.notices
        self.talks.put(talk, replace(after, notices=seen) if after.notices != seen else after)
        return reply

    def ask(
        self,
        text: str,
        talk: Talk,
        country: str | None,
        *,
        public: bool,
        mode: Mode = Mode.ADDRESSED,
        short: bool = False,
    ) -> Reply:
        """Answer a message in a person's conversation."""
        question = Question(text, self.clock(), mode, country, public)
        return self._turn(talk, partial(self.answerer.reply, question), short=short)

    def define(self, text: str, talk: Talk, country: str | None, *, short: bool = False) -> Reply:
        """The page of a name."""
        return self._turn(talk, partial(self.answerer.define, text, self.clock(), country), short=short)

    def compare(
        self, entries: tuple[str, ...], talk: Talk, country: str | None, *, whole: bool = False, short: bool = False
    ) -> Reply:
        """Two or three entries side by side."""
        turn = partial(self.answerer.compare, entries, self.clock(), None, country)
        return self._turn(talk, turn, whole=whole, short=short)

    def show(
        self, entry: str, facet: str, talk: Talk, country: str | None, *, whole: bool = False, short: bool = False
    ) -> Answer | None:
        """One facet of an entry; ``None`` when the entry was retired or renamed."""
        if entry not in self.answerer.knowledge.entries:
            return None
        turn = partial(self.answerer.show, entry, facet_named(facet), self.clock(), country)
        reply = self._turn(talk, turn, whole=whole, short=short)
        return reply if isinstance(reply, Answer) else None

    def looked_up(self, entry: str, facet: str, country: str | None) -> Answer | None:
        """The same without its being talked about: for what leads on from it. ``None`` when the entry is gone."""
        if entry not in self.answerer.knowledge.entries:
            return None
        reply, _ = self.answerer.show(entry, facet_named(facet), self.clock(), country)
        return reply if isinstance(reply, Answer) else None

    def compared(
        self, codes: str, talk: Talk, country: str | None, *, whole: bool = False, short: bool = False
    ) -> Reply | None:
        """The comparison behind a button; ``None`` when an entry is gone."""
        entries = decoded(codes.split("."), self.answerer.knowledge.entries)
        if len(entries) != len(codes.split(".")):
            return None
        return self.compare(entries, talk, country, whole=whole, short=short)

    def paired(self, codes: Sequence[str], talk: Talk, country: str | None, *, whole: bool = False) -> Reply | None:
        """Taking one thing with another, behind a button; ``None`` when one of them is not known any more."""
        known = self.answerer.knowledge.combinations
        names = {*self.answerer.knowledge.entries, *known.names, *(one for pair in known.pairs for one in pair.between)}
        members = decoded(codes, names)
        if len(members) != 2:
            return None
        return self._turn(talk, partial(self.answerer.pair, members, self.clock(), country), whole=whole)

    def support(self, screening: Screening, talk: Talk, country: str | None) -> Support:
        """The private panel for what was heard before; a press shows it in full."""
        before = self._talk(talk)
        memory = replace(before.support, level=Level.NONE)
        support, after = compose_support(screening, memory, self.clock(), country, self.answerer.safety)
        self.talks.put(talk, replace(before, at=self.clock(), support=after))
        return support

    def support_button(self, button: SupportButton, talk: Talk, country: str | None) -> Support | str | None:
        """What a support button says; ``None`` where a country is asked for."""
        before = self._talk(talk)
        said, after = answer_button(button, before.support, self.clock(), country, self.answerer.safety)
        self.talks.put(talk, replace(before, at=self.clock(), support=after))
        return said

    async def scrubbed(self, text: str) -> str:
        """A question as the editors would see it."""
        return scrub(text, await self.known())

    async def known(self) -> Familiar:
        """Names and words that need not be taken out of a question; once for each knowledge, as it takes a while."""
        knowledge = self.answerer.knowledge
        if self._known is None or self._known[0] != knowledge.revision:
            self._known = knowledge.revision, await asyncio.to_thread(familiar, knowledge)
        return self._known[1]

    def forget_talks(self, person: int) -> None:
        """Forget all that was talked about with a person."""
        self.talks.forget(lambda talk: talk[0] == person)

    def forget_old_talks(self) -> None:
        """Forget what was talked about longer ago than a conversation lasts."""
        now = self.clock()

        def kept(talk: Conversation) -> Conversation | None:
            left = remembered(talk, now)
            return None if left == NEW else left

        self.talks.keep(kept)

    # --- drawing -------------------------------------------------------------------------------------------------

    def country(self, member: Member, guild_id: int | None) -> str | None:
        """Whose lines and names to show: the member's own choice first, then the server's, then the deployment's."""
        return member.country or self.settings.of(guild_id).country or self.country_of_last_resort

    def look(
        self,
        member: Member,
        *,
        public: bool,
        shareable: bool = False,
        removable: bool = False,
        told: bool = False,
        full: bool = False,
        shared_by: str | None = None,
    ) -> Look:
        """For whom and where a reply is drawn; ``full`` sets low energy aside once."""
        return Look(
            self.interface,
            self.answerer.safety,
            member.user_id,
            public=public,
            shareable=shareable,
            removable=removable,
            low_energy=member.low_energy and not full,
            intro=self.interface.say("first-contact") if member.introduced_at is None else None,
            told=told,
            shared_by=shared_by,
        )

    def is_plain(self, member: Member, settings: GuildSettings) -> bool:
        """Whether replies are plain text, by the member's or the server's choice."""
        return member.plain or settings.plain

    def cards(self, reply: Reply, look: Look, *, plain: bool, place: Place | None = None) -> tuple[Card, ...]:
        """The messages of a reply. Two answers that do not fit together become one and a button to the other."""
        drawing = draw(reply, look)
        if isinstance(reply, Answer) and len(reply.passages) > 1 and not fits(drawing, plain=plain):
            drawing = self._first_of_two(reply, look)
        return cards(drawing, self.interface, plain=plain, place=place)

    def _first_of_two(self, reply: Answer, look: Look) -> Drawing:
        first, second, *_ = parts_of(reply)
        part = second.passages[0]
        label = f"{self.interface.say('next-answer-button')}: {heading(part).removeprefix('### ')}"[:80]
        onward = Control(label, button_id("f", part.entry, part.facet), Style.MAIN)
        drawing = draw(first, look)
        return replace(drawing, rows=((onward,), *drawing.rows))

    def introduced(self, member: Member) -> None:
        """Note that the bot has said what it is."""
        if member.introduced_at is None:
            self.members.introduced(member, self.moment())
