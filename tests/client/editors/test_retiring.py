"""Taking a page out: why is asked in a form, and what members would notice is measured while that is written."""

from __future__ import annotations

import asyncio

from bot.editing.model import cited_by
from tests.client.editors.desk import cards, handed_in, panel, press, retire_form, retired, typed
from tests.client.editors.house import House
from tests.discord_server import Message


async def test_retiring_is_reviewed_like_any_edit(lodge: House) -> None:
    form = await retire_form(lodge, "ect")
    assert form.modal is not None
    assert form.modal["title"] == "Take out: ECT (electroconvulsive therapy)"
    said = await lodge.discord.submit(form, {"why": "said elsewhere"}, by=lodge.anna)
    await lodge.discord.until(lambda: bool(cards(lodge)), 20)
    card = cards(lodge)[-1]
    assert "Takes it out" in card.text()
    assert "> said elsewhere" in card.text()
    assert "Handed in as edit 1" in said.text()
    await press(lodge, card, "Publish", lodge.ben, until="published")
    assert "ect" not in lodge.served().entries


async def posted_at_once(home: House, entry: str) -> Message:
    """The card of a page that is to go, which never stood without its impact."""
    form = await retire_form(home, entry)
    await home.bot.office.settled()
    before = len(home.discord.requests)
    await home.discord.submit(form, {"why": "sold"}, by=home.anna)
    await home.bot.office.settled()
    assert not [one for one in home.discord.requests[before:] if "being measured" in str(one.body)]
    return cards(home)[-1]


async def test_the_impact_stands_on_the_card_from_the_first(lodge: House) -> None:
    card = await posted_at_once(lodge, "redirect:personal-dose")
    assert "What members would notice" in card.text()


async def test_what_a_form_asks_for_is_measured_anew_when_something_else_is_served(lodge: House) -> None:
    form = await retire_form(lodge, "redirect:personal-dose")
    of = await panel(lodge, by=lodge.cora)
    await typed(lodge, of, "overview", {"text": "Lithium is a salt of old [nice ng222]."}, lodge.cora)
    await press(lodge, await handed_in(lodge, of, lodge.cora), "Publish", lodge.ben, until="published")
    await lodge.bot.office.settled()
    before = len(lodge.discord.requests)
    await lodge.discord.submit(form, {"why": "sold"}, by=lodge.anna)
    await lodge.bot.office.settled()
    assert not [one for one in lodge.discord.requests[before:] if "being measured" in str(one.body)]


async def test_forms_that_are_never_sent_cost_one_measurement_at_a_time(lodge: House) -> None:
    keys = ("redirect:personal-dose", "redirect:diagnose-me") * 5
    lodge.discord.hurried = True
    await asyncio.gather(*(retire_form(lodge, key) for key in keys))
    lodge.discord.hurried = False
    of = await panel(lodge, by=lodge.cora)
    await typed(lodge, of, "overview", {"text": "Lithium is a salt of old [nice ng222]."}, lodge.cora)
    card = await handed_in(lodge, of, lodge.cora)
    assert "What members would notice" in card.text(), "who hands something in does not wait for them all"
    await lodge.bot.office.settled()
    assert await lodge.edits.latest() == (await lodge.edits.of(1),), "nothing is stored for a form"


async def test_what_went_meanwhile_or_is_cited_cannot_be_taken_out(lodge: House) -> None:
    form = await retire_form(lodge, "ect")
    await press(lodge, await retired(lodge, "ect"), "Publish", lodge.ben, until="published")
    late = await lodge.discord.submit(form, {"why": "sold"}, by=lodge.anna)
    assert "there is no entry “ect”" in late.text()
    cited = await retire_form(lodge, f"source:{cited_by(lodge.served().entries['lithium'])[0]}")
    assert cited.modal is None, "nobody types a reason in vain"
    assert "is still cited by lithium" in cited.text()
    assert len(await lodge.edits.latest()) == 1
