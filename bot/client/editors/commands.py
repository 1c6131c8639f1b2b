"""/knowledge: the editors' commands. Everybody may see them; each looks up anew who is asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.client.editors.places import found, named, option_value
from bot.client.editors.rights import Act, may
from bot.client.editors.sheets import Texts
from bot.client.editors.showing import title_of
from bot.client.interface import shortened
from bot.editing.citing import find_sources
from bot.editing.model import Place, Subject
from bot.knowledge.prose import fold

if TYPE_CHECKING:
    from bot.client.bot import NextStep

MOST_CHOICES = 25
NAME = 100

Entry = app_commands.Range[str, 1, 100]
Reason = app_commands.Range[str, 1, 300]


def add_knowledge_commands(bot: NextStep) -> None:
    """/knowledge search, edit, new, retire, history, revert, hide, waiting."""
    say = bot.desk.interface.say
    group = app_commands.Group(
        name="knowledge",
        description=say("knowledge-description"),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )
    _add_looking(bot, group)
    _add_writing(bot, group)
    _add_deciding(bot, group)
    bot.tree.add_command(group)


async def complete(interaction: discord.Interaction[NextStep], typed: str) -> list[app_commands.Choice[str]]:
    """Places for what was typed; nothing for those who may not look."""
    bot = interaction.client
    if not bot.office.open or not may(bot.office.role(interaction), Act.LOOK):
        return []
    texts = Texts(bot.desk.interface, bot.office.desk.knowledge)
    return [
        app_commands.Choice(name=shortened(_label(place, texts), NAME), value=option_value(place))
        for place in places_like(bot, typed)
    ]


async def complete_source(interaction: discord.Interaction[NextStep], typed: str) -> list[app_commands.Choice[str]]:
    """Sources for what was typed, to be cited in a text; nothing for those who may not look."""
    bot = interaction.client
    if not bot.office.open or not may(bot.office.role(interaction), Act.LOOK):
        return []
    sources = bot.office.desk.knowledge.sources
    return [
        app_commands.Choice(name=shortened(f"{key}: {sources[key].title}", NAME), value=key[:NAME])
        for key in find_sources(sources, typed[:NAME], MOST_CHOICES)
    ]


def places_like(bot: NextStep, typed: str) -> tuple[Place, ...]:
    """At most 25 places for what was typed, best first; hidden pages are found too, before all others."""
    knowledge = bot.office.desk.knowledge
    links = bot.desk.answerer.complete(typed[:NAME], MOST_CHOICES)
    hidden = [place.key for place in bot.office.desk.publisher.hidden if place.subject is Subject.ENTRY]
    names = {key: fold(f"{key} {knowledge.entries[key].title}") for key in hidden if key in knowledge.entries}
    first = (*(key for key in sorted(names) if fold(typed) in names[key]), *(link.entry for link in links))
    return found(knowledge, typed, first, MOST_CHOICES)


def _label(place: Place, texts: Texts) -> str:
    title = title_of(place, texts).replace("\\", "")
    return title if place.subject is Subject.ENTRY else texts.say(f"choice-{place.subject}", title=title)


async def _place(interaction: discord.Interaction[NextStep], text: str, act: Act) -> Place | None:
    """The place that was chosen or typed, for those who may; others are told."""
    bot = interaction.client
    if await bot.office.admits(interaction, act) is None:
        return None
    place = named(bot.office.desk.knowledge, text)
    if place is None:
        await bot.workbench.nothing(interaction)
    return place


def _add_looking(bot: NextStep, group: app_commands.Group) -> None:
    say = bot.desk.interface.say

    @group.command(name="search", description=say("knowledge-search-description"))
    @app_commands.describe(words=say("knowledge-words"))
    async def search(interaction: discord.Interaction[NextStep], words: Entry) -> None:
        if await bot.office.admits(interaction, Act.LOOK) is not None:
            await bot.past.search(interaction, places_like(bot, words))

    @group.command(name="history", description=say("knowledge-history-description"))
    @app_commands.describe(entry=say("knowledge-entry"))
    @app_commands.autocomplete(entry=complete)
    async def history(interaction: discord.Interaction[NextStep], entry: Entry) -> None:
        place = await _place(interaction, entry, Act.LOOK)
        if place is not None:
            await bot.past.history(interaction, place)

    @group.command(name="waiting", description=say("knowledge-waiting-description"))
    async def waiting(interaction: discord.Interaction[NextStep]) -> None:
        await bot.past.waiting(interaction)


def _add_writing(bot: NextStep, group: app_commands.Group) -> None:
    say = bot.desk.interface.say

    @group.command(name="edit", description=say("knowledge-edit-description"))
    @app_commands.describe(entry=say("knowledge-entry"), source=say("knowledge-source"))
    @app_commands.autocomplete(entry=complete, source=complete_source)
    async def edit(interaction: discord.Interaction[NextStep], entry: Entry, source: Entry | None = None) -> None:
        place = await _place(interaction, entry, Act.PROPOSE)
        if place is None:
            return
        wanted = find_sources(bot.office.desk.knowledge.sources, source.removeprefix("source:"), 1) if source else ()
        if source and not wanted:
            await bot.workbench.nothing(interaction)
        else:
            await bot.workbench.open(interaction, place, wanted[0] if wanted else "")

    @group.command(name="new", description=say("knowledge-new-description"))
    async def new(interaction: discord.Interaction[NextStep]) -> None:
        await bot.workbench.open_new(interaction)

    @group.command(name="retire", description=say("knowledge-retire-description"))
    @app_commands.describe(entry=say("knowledge-entry"))
    @app_commands.autocomplete(entry=complete)
    async def retire(interaction: discord.Interaction[NextStep], entry: Entry) -> None:
        place = await _place(interaction, entry, Act.PROPOSE)
        if place is not None:
            await bot.past.open_retire(interaction, place)


def _add_deciding(bot: NextStep, group: app_commands.Group) -> None:
    say = bot.desk.interface.say

    @group.command(name="revert", description=say("knowledge-revert-description"))
    @app_commands.describe(entry=say("knowledge-entry"), reason=say("knowledge-reason"))
    @app_commands.autocomplete(entry=complete)
    async def revert(interaction: discord.Interaction[NextStep], entry: Entry, reason: Reason) -> None:
        place = await _place(interaction, entry, Act.REVERT)
        if place is not None:
            await bot.past.revert(interaction, place, reason)

    @group.command(name="hide", description=say("knowledge-hide-description"))
    @app_commands.describe(entry=say("knowledge-entry"), reason=say("knowledge-reason"))
    @app_commands.autocomplete(entry=complete)
    async def hide(interaction: discord.Interaction[NextStep], entry: Entry, reason: Reason) -> None:
        place = await _place(interaction, entry, Act.HIDE)
        if place is not None:
            await bot.past.hide(interaction, place, reason)
