"""What editors do on Discord, step by step, as tests need it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from bot.editing.exporting import export, export_changes
from bot.editing.model import Edit
from bot.editing.states import Step
from bot.knowledge.problems import Gravity
from bot.knowledge.rules import check
from tests.client.editors.house import House
from tests.discord_server import Interaction, Message, User

CHOOSE = "Choose what to change"
SALT = "Lithium is a salt that some people take [nice ng222]."
PUBLISH = "Publish"


async def panel(home: House, entry: str = "lithium", by: User | None = None) -> Message:
    """The private panel of a page."""
    opened = await home.discord.slash("knowledge edit", entry=entry, by=by or home.anna)
    assert opened.original is not None, opened.response
    return opened.original


async def typed(home: House, of: Message, field: str, values: dict[str, Any], by: User | None = None) -> Interaction:
    """Choose a field in a panel and send its form."""
    form = await home.discord.choose(of, CHOOSE, [field], by=by or home.anna)
    return await home.discord.submit(form, values, by=by or home.anna)


async def handed_in(home: House, of: Message, by: User | None = None, why: str = "clearer") -> Message:
    """Hand a draft in; gives its review card once the impact stands on it."""
    before = len(cards(home))
    form = await home.discord.press(of, "Hand in", by=by or home.anna)
    await home.discord.submit(form, {"why": why}, by=by or home.anna)
    await home.discord.until(lambda: len(cards(home)) > before, 20, "a review card with its impact")
    return cards(home)[-1]


async def retire_form(home: House, entry: str, by: User | None = None) -> Interaction:
    """The form that asks why a page is to go."""
    return await home.discord.slash("knowledge retire", entry=entry, by=by or home.anna)


async def retired(home: House, entry: str, why: str = "sold") -> Message:
    """A page that is to go, handed in; gives its review card once the impact stands on it."""
    before = len(cards(home))
    await home.discord.submit(await retire_form(home, entry), {"why": why}, by=home.anna)
    await home.discord.until(lambda: len(cards(home)) > before, 20, "a review card with its impact")
    return cards(home)[-1]


def cards(home: House) -> list[Message]:
    """The review cards in the editors' channel whose impact is known."""
    return [one for one in home.room if "### Edit" in one.text() and "being measured" not in one.text()]


async def proposed(home: House, text: str = SALT, entry: str = "lithium", by: User | None = None) -> Message:
    """A changed overview, handed in; gives its review card."""
    opened = await panel(home, entry, by)
    await typed(home, opened, "overview", {"text": text}, by)
    return await handed_in(home, opened, by)


async def published(home: House, text: str = SALT, by: User | None = None) -> Message:
    """A changed overview that Ben has published."""
    card = await proposed(home, text, by=by)
    await press(home, card, PUBLISH, home.ben, until="published")
    return card


async def press(home: House, card: Message, label: str, by: User, until: str = "") -> Interaction:
    """Press a button of a card, and wait for what becomes of the card."""
    pressed = await home.discord.press(card, label, by=by)
    if until:
        await home.discord.until(lambda: f"**{until}**" in card.text(), 20, until)
    return pressed


async def asked(home: House, question: str = "what is lithium?") -> str:
    """What a member gets."""
    return (await home.discord.slash("ask", question=question, by=home.discord.bob)).text()


async def only(home: House) -> Edit:
    (edit,) = await home.edits.latest()
    return edit


async def exported(home: House, to: Path) -> Path:
    """The folder as an export of what stands would leave it, in a copy that passes the check without a complaint."""
    copy = Path(shutil.copytree(home.folder, to))
    today = home.clock().date()
    export(copy, export_changes(copy, await home.edits.standing(), await home.edits.lifted()), today)
    assert [str(one) for one in check(copy, today) if one.severity is Gravity.ERROR] == []
    return copy


async def steps(home: House, number: int) -> list[Step]:
    """What the database holds of an edit's history."""
    return [one.step for one in await home.edits.steps(number)]
