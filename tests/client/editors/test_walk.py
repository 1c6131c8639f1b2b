"""From a published edit through everything that can befall it: each step on the wire, in the database, and in files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.editing.states import State, Step
from bot.editing.tombstones import read_tombstones
from bot.evaluation.checking import check_everything
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Facet
from bot.knowledge.writing import file_text
from bot.storage import Database
from tests.client.editors.desk import asked, exported, press, proposed, steps
from tests.client.editors.house import House, house, some_pages
from tests.discord_server import Message

PAGES = ("ect", "tms", "quetiapine", "sertraline")
NEW = "TMS is a treatment that some people have for depression [@{source}]."
FROM_GIT = "TMS is a treatment with magnets, says a file [@{source}]."
ASKED = "what is tms?"


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(database, some_pages(tmp_path / "knowledge", PAGES)) as made:
        yield made


def cited(text: str, home: House) -> str:
    """A sentence with a source that the page cites."""
    overview = home.served().entries["tms"].facets[Facet.OVERVIEW]
    return text.format(source=overview.partition("[@")[2].partition("]")[0].partition(";")[0])


def overview(folder: Path) -> str:
    return load_knowledge(folder).knowledge.entries["tms"].facets[Facet.OVERVIEW]


async def said_in_room(home: House, words: str) -> Message:
    await home.discord.until(lambda: any(words in one.text() for one in home.room), 20, words)
    return next(one for one in reversed(home.room) if words in one.text())


async def test_an_edit_is_published_taken_back_hidden_shown_and_overtaken_by_git(home: House, tmp_path: Path) -> None:
    before, text, today = overview(home.folder), cited(NEW, home), home.clock().date()
    plain = text.partition(" [@")[0]
    assert overview(await exported(home, tmp_path / "untouched")) == before

    card = await proposed(home, text, entry="tms")
    own = await press(home, card, "Publish", home.anna)
    await home.discord.until(lambda: "You wrote this edit" in own.text(), 10)
    assert await steps(home, 1) == [Step.BEGIN, Step.PROPOSE]
    assert plain not in await asked(home, ASKED)
    assert overview(await exported(home, tmp_path / "own")) == before

    await press(home, card, "Publish", home.ben, until="published")
    assert plain in await asked(home, ASKED)
    assert await steps(home, 1) == [Step.BEGIN, Step.PROPOSE, Step.APPROVE]
    folder = await exported(home, tmp_path / "published")
    assert overview(folder) == text
    assert check_everything(folder, today).errors == ()

    form = await press(home, card, "Back to the text before", home.cora)
    await home.discord.submit(form, {"why": "the old one was right"}, by=home.cora)
    await home.discord.until(lambda: "**reverted**" in card.text(), 20, "the card")
    assert plain not in await asked(home, ASKED)
    assert (await home.edits.of(1)).state is State.REVERTED
    assert overview(await exported(home, tmp_path / "reverted")) == before

    hidden = await home.discord.slash("knowledge hide", entry="tms", reason="a wrong figure", by=home.anna)
    assert "is hidden" in hidden.text()
    assert home.served().entries.keys() == set(PAGES) - {"tms"}
    assert before.partition(" [@")[0] not in await asked(home, ASKED)
    assert [one.state for one in await home.edits.standing()] == [State.HIDDEN]
    folder = await exported(home, tmp_path / "hidden")
    assert [place.key for place in read_tombstones(folder)] == ["tms"], "it survives a deploy"
    assert overview(folder) == before, "nothing is lost"
    told = await said_in_room(home, "a wrong figure")
    await home.discord.press(told, "Show it again", by=home.ben)
    await home.discord.until(lambda: "tms" in home.served().entries, 20, "the page")
    assert await steps(home, 2) == [Step.HIDE, Step.SHOW]
    assert read_tombstones(await exported(home, tmp_path / "shown")) == frozenset()

    again = await proposed(home, text, entry="tms")
    await press(home, again, "Publish", home.ben, until="published")
    entry = load_knowledge(home.folder).knowledge.entries["tms"]
    changed = entry.model_copy(update={"facets": {**entry.facets, Facet.OVERVIEW: cited(FROM_GIT, home)}})
    (home.folder / "definitions/tms.yaml").write_text(file_text(changed), encoding="utf-8")
    conflict = await said_in_room(home, "A file changed under edit 3")
    assert plain in await asked(home, ASKED), "the reviewed text keeps serving"
    assert overview(await exported(home, tmp_path / "in conflict")) == text
    await home.discord.press(conflict, "Take the file's text", by=home.ben)
    await home.discord.until(lambda: "says a file" in home.served().entries["tms"].facets[Facet.OVERVIEW], 20)
    assert await steps(home, 3) == [Step.BEGIN, Step.PROPOSE, Step.APPROVE, Step.SETTLE]
    assert overview(await exported(home, tmp_path / "settled")) == cited(FROM_GIT, home)
    assert await home.edits.standing() == ()
