"""What each button and menu does. A press carries all it needs in its custom id, and works after a restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from bot.answering.model import Answer, Category, Level, Link, Reply, Screening, SupportButton, Unknown
from bot.client.cards import Card, cards
from bot.client.drawing import Block, Drawing, link_rows
from bot.client.ids import VERSION, arguments, decoded, unpacked
from bot.client.paging import Place
from bot.client.responses import Interaction, answer, is_private_place, note, replace_message
from bot.editing.upkeep import Verdict
from bot.storage import Member

if TYPE_CHECKING:
    from bot.client.bot import NextStep

Handler = Callable[[Interaction, list[str]], Awaitable[None]]
REASONS: Final = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.HELPFUL)


class Presses:
    """The router of buttons."""

    def __init__(self, bot: NextStep) -> None:
        self._bot = bot
        self._desk = bot.desk
        self._handlers: dict[str, Handler] = {
            "f": self._facet,
            "p": self._page,
            "more": self._more,
            "cp": self._comparison_page,
            "pp": self._pairing_page,
            "rel": self._related,
            "terms": self._terms,
            "rm": self._remove,
            "share": self._share,
            "sharec": self._share_comparison,
            "sharep": self._share_pairing,
            "sharet": self._share_two,
            "dym": self._meant,
            "none": self._none_of_these,
            "sup": self._support,
            "sb": self._support_button,
        }

    def add(self, action: str, handler: Handler) -> None:
        """Another part of the client answers this action."""
        self._handlers[action] = handler

    @property
    def actions(self) -> frozenset[str]:
        """Every button that is answered."""
        return frozenset(self._handlers)

    async def pressed(self, interaction: Interaction, version: str, action: str, rest: str) -> None:
        """Answer a press; one of an earlier version, or of none of ours, gets a calm word."""
        handler = self._handlers.get(action) if version == VERSION else None
        if handler is None:
            await note(interaction, self._say("old-press"))
            return
        try:
            await handler(interaction, arguments(rest))
        except (IndexError, ValueError):
            await note(interaction, self._say("old-press"))

    def _say(self, name: str, /, **blanks: object) -> str:
        return self._desk.interface.say(name, **blanks)

    async def _member(self, interaction: Interaction) -> tuple[Member, str | None]:
        member = await self._desk.members.of(interaction.user.id)
        return member, self._desk.country(member, interaction.guild_id)

    def _talk(self, interaction: Interaction) -> tuple[int, int]:
        return interaction.user.id, interaction.channel_id or 0

    # --- pages of an answer ----------------------------------------------------------------------------------

    async def _show(
        self, interaction: Interaction, entry: str, facet: str, *, place: Place | None = None, full: bool = True
    ) -> None:
        member, country = await self._member(interaction)
        short = member.low_energy and not full
        reply = self._desk.show(entry, facet, self._talk(interaction), country, whole=place is not None, short=short)
        await self._respond(interaction, reply, member, place=place, full=full)

    async def _respond(self, interaction: Interaction, reply: Reply | None, member: Member, **how: Any) -> None:
        """Answer with a reply, or say calmly that its page is gone."""
        if reply is None or isinstance(reply, Unknown):
            await note(interaction, self._say("gone-entry"))
            return
        await self._bot.respond(interaction, reply, member, **how)

    async def _facet(self, interaction: Interaction, given: list[str]) -> None:
        await self._show(interaction, given[0], given[1], full=False)

    async def _more(self, interaction: Interaction, given: list[str]) -> None:
        await self._show(interaction, given[0], given[1])

    async def _page(self, interaction: Interaction, given: list[str]) -> None:
        await self._show(interaction, given[0], given[1], place=Place.read(given[2]))

    async def _comparison_page(self, interaction: Interaction, given: list[str]) -> None:
        member, country = await self._member(interaction)
        place = Place.read(given[1]) if len(given) > 1 else None
        reply = self._desk.compared(given[0], self._talk(interaction), country, whole=place is not None)
        await self._respond(interaction, reply, member, place=place, full=True)

    async def _pairing_page(self, interaction: Interaction, given: list[str]) -> None:
        member, country = await self._member(interaction)
        place = Place.read(given[2]) if len(given) > 2 else None
        reply = self._desk.paired(given[:2], self._talk(interaction), country, whole=place is not None)
        await self._respond(interaction, reply, member, place=place, full=True)

    async def _passage(self, interaction: Interaction, given: list[str]) -> Answer | None:
        _, country = await self._member(interaction)
        reply = self._desk.looked_up(given[0], given[1] if len(given) > 1 else "", country)
        if reply is None:
            await note(interaction, self._say("gone-entry"))
        return reply

    async def _related(self, interaction: Interaction, given: list[str]) -> None:
        reply = await self._passage(interaction, given)
        if reply is not None:
            await self._links(interaction, "related-lead", reply.passages[0].related)

    async def _terms(self, interaction: Interaction, given: list[str]) -> None:
        reply = await self._passage(interaction, given)
        if reply is not None:
            await self._links(interaction, "terms-lead", reply.passages[0].terms)

    async def _links(self, interaction: Interaction, lead: str, links: tuple[Link, ...]) -> None:
        if not links:
            await note(interaction, self._say("nothing-related"))
            return
        drawing = Drawing((Block((self._say(lead),)),), link_rows(links), as_content=True)
        await answer(interaction, cards(drawing, self._desk.interface))

    # --- taking back and sharing -----------------------------------------------------------------------------

    async def _remove(self, interaction: Interaction, given: list[str]) -> None:
        if unpacked(given[0]) != interaction.user.id and not self._bot.moderates(interaction):
            await note(interaction, self._say("remove-not-yours"))
            return
        await interaction.response.defer()
        await interaction.delete_original_response()

    async def _share(self, interaction: Interaction, given: list[str]) -> None:
        member, country = await self._member(interaction)
        reply = self._desk.show(given[0], given[1], self._talk(interaction), country, whole=True)
        await self._respond(interaction, reply, member, public=True, full=True)

    async def _share_two(self, interaction: Interaction, given: list[str]) -> None:
        """Both parts of an answer to two questions, one message each."""
        member, country = await self._member(interaction)
        entries = decoded(given[::2], self._desk.answerer.knowledge.entries)
        parts = [
            self._desk.show(entry, facet, self._talk(interaction), country, whole=True)
            for entry, facet in zip(entries, given[1::2], strict=False)
        ]
        for reply in parts if len(parts) == len(given[::2]) else [None]:
            await self._respond(interaction, reply, member, public=True, full=True)

    async def _share_comparison(self, interaction: Interaction, given: list[str]) -> None:
        member, country = await self._member(interaction)
        reply = self._desk.compared(given[0], self._talk(interaction), country, whole=True)
        await self._respond(interaction, reply, member, public=True, full=True)

    async def _share_pairing(self, interaction: Interaction, given: list[str]) -> None:
        member, country = await self._member(interaction)
        reply = self._desk.paired(given[:2], self._talk(interaction), country, whole=True)
        await self._respond(interaction, reply, member, public=True, full=True)

    # --- did you mean ----------------------------------------------------------------------------------------

    async def _meant(self, interaction: Interaction, given: list[str]) -> None:
        asker, entry, facet = unpacked(given[0]), given[1], given[2]
        if asker != interaction.user.id:
            await note(interaction, self._say("not-yours"))
            return
        member, country = await self._member(interaction)
        reply = self._desk.show(entry, facet, self._talk(interaction), country, short=member.low_energy)
        if reply is None:
            await note(interaction, self._say("gone-entry"))
            return
        public, alone = self._stands_in_public(interaction), is_private_place(interaction)
        shareable = not public and not alone and interaction.guild_id is not None
        look = self._desk.look(member, public=public, shareable=shareable, removable=alone)
        made = self._desk.cards(reply, look, plain=self._desk.is_plain(member, self._bot.settings_of(interaction)))
        await replace_message(interaction, made[0])
        if public and interaction.message is not None:
            await self._bot.note_entries(interaction.message.id, made[0])

    async def _none_of_these(self, interaction: Interaction, given: list[str]) -> None:
        if unpacked(given[0]) != interaction.user.id:
            await note(interaction, self._say("not-yours"))
            return
        await self._bot.nothing_meant(interaction, public=self._stands_in_public(interaction))

    def _stands_in_public(self, interaction: Interaction) -> bool:
        message = interaction.message
        return message is not None and not message.flags.ephemeral and not is_private_place(interaction)

    # --- support ---------------------------------------------------------------------------------------------

    async def _support(self, interaction: Interaction, given: list[str]) -> None:
        heard = Screening(Level(given[0]), Category(given[1]), ("button",), minor=given[2] == "1")
        member, country = await self._member(interaction)
        reply = self._desk.support(heard, self._talk(interaction), country)
        # Whoever else presses it, moderators know nothing of them. Before the fifth there was no telling who asked.
        theirs = len(given) < 5 or unpacked(given[4]) == interaction.user.id
        await self._bot.respond(interaction, reply, member, told=given[3] == "1" and theirs)

    async def _support_button(self, interaction: Interaction, given: list[str]) -> None:
        from bot.client.menus import country_menu  # noqa: PLC0415

        member, country = await self._member(interaction)
        said = self._desk.support_button(SupportButton(given[0]), self._talk(interaction), country)
        if said is None:
            view = country_menu(self._desk, "lines", self._say("support-country-placeholder"))
            lead = self._say("support-country-lead")
            await answer(interaction, (Card(view, lead),))
        elif isinstance(said, str):
            await note(interaction, said)
        else:
            await self._bot.respond(interaction, said, member, told=given[1] == "1")
