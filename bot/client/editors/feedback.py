"""What members tell the editors: ratings that name nobody, questions without a name, and the wish to be told."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import discord

from bot.answering.model import NEW, Question
from bot.answering.pipeline import remembered
from bot.client.cards import Card, cards
from bot.client.drawing import Block, Control, Drawing, Style
from bot.client.editors.forms import Typed, form_id, open_form, text_field, text_of
from bot.client.ids import button_id
from bot.client.memory import Lately
from bot.client.menus import reason_menu
from bot.client.presses import REASONS
from bot.client.responses import Interaction, answer, log_fault, note, patiently, replace_message
from bot.editing.gaps import Note
from bot.editing.scrubbing import LONGEST
from bot.editing.upkeep import Verdict
from bot.errors import EditError
from bot.knowledge.model import Facet, Redirect
from bot.storage.replies import DAY

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)
_GONE: Final = (discord.NotFound, discord.Forbidden)


class Voices:
    """Answers the buttons of feedback, and tells those who wanted to know."""

    def __init__(self, bot: NextStep) -> None:
        self._bot, self._desk = bot, bot.desk
        self._alerted: Lately[tuple[str, str], int] = Lately(1_000)
        self._telling = asyncio.Lock()
        bot.presses.add("up", self._helpful)
        bot.presses.add("down", self._not_helpful)
        bot.presses.add("send", self._send)
        bot.presses.add("tell", self._tell)
        bot.picks.add("rate", self._rate)
        bot.forms.add("send", self._sent)

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    # --- ratings ---------------------------------------------------------------------------------------------

    async def _is_rateable(self, interaction: Interaction, given: list[str]) -> bool:
        """Whether the page is still there, and this person has not rated this message; in memory only."""
        entry = self._desk.answerer.knowledge.entries.get(given[0])
        if entry is None or given[1] not in entry.facets:
            await note(interaction, self._say("gone-entry"))
            return False
        key = (interaction.user.id, interaction.message.id if interaction.message else 0)
        if key in self._desk.rated:
            await note(interaction, self._say("already-rated"))
            return False
        self._desk.rated.put(key, True)
        return True

    async def _helpful(self, interaction: Interaction, given: list[str]) -> None:
        if await self._is_rateable(interaction, given):
            await self._desk.feedback.rate(given[0], given[1], Verdict.HELPFUL, self._desk.moment())
            await note(interaction, self._say("thanks-helpful"))

    async def _not_helpful(self, interaction: Interaction, given: list[str]) -> None:
        if await self._is_rateable(interaction, given):
            view = reason_menu(self._desk.interface, given[0], given[1])
            await answer(interaction, (Card(view, self._say("why-not-helpful")),))

    async def _rate(self, interaction: Interaction, given: list[str], values: list[str]) -> None:
        if not await self._is_rateable(interaction, given):
            return
        verdict = Verdict(values[0] if values and values[0] in REASONS else REASONS[0])
        await self._desk.feedback.rate(given[0], given[1], verdict, self._desk.moment())
        thanks = "thanks-upsetting" if verdict.alerts_editors else "thanks-reason"
        send = Control(self._desk.interface.label("send-question-button"), button_id("send", given[0]))
        await replace_message(interaction, self._card(self._say(thanks), send))
        if verdict.alerts_editors:
            await self._alert(given[0], given[1])

    async def _alert(self, entry: str, facet: str) -> None:
        """Tell the editors at once that a page upset somebody; the same page at most once a day."""
        now = self._desk.moment()
        if now - (self._alerted.get((entry, facet)) or 0) < DAY:
            return
        self._alerted.put((entry, facet), now)
        knowledge = self._desk.answerer.knowledge
        blanks = {
            "title": knowledge.entries[entry].title,
            "facet": knowledge.vocabulary.labels.get(Facet(facet), facet),
        }
        look = Control(self._desk.interface.label("open-button"), button_id("f", entry, facet))
        await self._bot.office.post((self._card(self._say("upsetting-alert", **blanks), look),))

    def _card(self, text: str, *controls: Control) -> Card:
        rows = (controls,) if controls else ()
        return cards(Drawing((Block((text,)),), rows, as_content=True), self._desk.interface)[0]

    # --- sending a question ----------------------------------------------------------------------------------

    async def _send(self, interaction: Interaction, given: list[str]) -> None:
        """Show what the editors would see, for the member to change before it is sent."""
        talk = self._desk.talks.get((interaction.user.id, interaction.channel_id or 0)) or NEW
        text = await self._desk.scrubbed(remembered(talk, self._desk.clock()).previous)
        field = text_field(
            "text",
            self._say("send-label"),
            text,
            hint=self._say("send-description"),
            long=True,
            required=True,
            most=LONGEST,
        )
        await open_form(interaction, self._say("send-title"), form_id("send", *given[:1]), [field])

    async def _sent(self, interaction: Interaction, given: list[str], typed: Typed) -> None:
        """Keep the scrubbed words, and nothing about who sent them. Who is in danger gets support instead."""
        text = text_of(typed, "text") or ""
        if await self._is_danger(interaction, text):
            return
        nearest = given[0] if given and given[0] in self._desk.answerer.knowledge.entries else ""
        try:
            kept = await self._desk.gaps.send(text, nearest, self._desk.moment(), await self._desk.known())
        except EditError:
            await note(interaction, self._say("send-empty"))
            return
        tell = Control(self._desk.interface.label("tell-button"), button_id("tell", kept.id), Style.MAIN)
        await answer(interaction, (self._card(self._say("send-done"), tell),))

    async def _is_danger(self, interaction: Interaction, text: str) -> bool:
        """A question that nobody may answer for days is no place for somebody in danger: they get support now."""
        heard = self._desk.answerer.reply(Question(text, self._desk.clock()))[0].screening
        if not heard.level.is_alarm:
            return False
        member = await self._desk.members.of(interaction.user.id)
        country = self._desk.country(member, interaction.guild_id)
        reply = self._desk.support(heard, (interaction.user.id, interaction.channel_id or 0), country)
        await self._bot.respond(interaction, reply, member)
        return True

    # --- being told ------------------------------------------------------------------------------------------

    async def _tell(self, interaction: Interaction, given: list[str]) -> None:
        noted = await self._desk.gaps.remind(int(given[0]), interaction.user.id, self._desk.moment())
        await replace_message(interaction, self._card(self._say("tell-noted" if noted else "tell-late")))

    async def tell_waiting(self) -> int:
        """Tell everyone whose question has an answer now, each once, and forget it; gives how many notes went.

        A page that is not served (hidden since) is waited for, until the note's time is over.
        """
        told: set[tuple[int, str]] = set()
        async with self._telling:
            for one in await self._desk.gaps.due_notes():
                card = self._told(one)
                if card is None:
                    continue
                if (one.user_id, one.entry) in told or await self._whisper(one, card):
                    told.add((one.user_id, one.entry))
                    await self._desk.gaps.told(one.id)
        return len(told)

    def _told(self, one: Note) -> Card | None:
        knowledge = self._desk.answerer.knowledge
        entry = knowledge.entries.get(one.entry)
        if entry is not None:
            read = Control(self._desk.interface.label("tell-read-button"), button_id("f", entry.id, Facet.OVERVIEW))
            return self._card(self._say("tell-note", title=entry.title), read)
        redirect = knowledge.redirects.get(one.entry)
        return self._told_redirect(redirect) if redirect is not None else None

    def _told_redirect(self, redirect: Redirect) -> Card:
        text = self._say("tell-note-redirect", title=redirect.title, text=" ".join(redirect.text.split()))
        return self._card(text)

    async def _whisper(self, one: Note, card: Card) -> bool:
        """Write to somebody privately; whether the note is done with, sent or out of reach for good."""
        try:
            channel = await self._bot.create_dm(discord.Object(one.user_id))
            await patiently(lambda: channel.send(nonce=f"told{one.id}", **card.arguments()))
        except _GONE as error:
            log_fault("tell", error)
        except discord.HTTPException as error:
            log_fault("tell", error)
            return error.code == _NO_DIRECT
        return True


_NO_DIRECT: Final = 50007
"""Discord: cannot send messages to this user."""
