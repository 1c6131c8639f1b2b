"""Review, going back, hiding, history, and what happens when two act at once or a file changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from bot.editing.desk import Policy
from bot.editing.exporting import export, export_changes
from bot.editing.states import State
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Facet, Reviewer
from bot.knowledge.problems import Gravity
from bot.knowledge.rules import check
from bot.knowledge.writing import file_text
from tests.client.editors.desk import (
    PUBLISH,
    SALT,
    asked,
    handed_in,
    only,
    panel,
    press,
    proposed,
    published,
    typed,
)
from tests.client.editors.house import House

OLD = "simple salt"
OVERVIEW = Facet.OVERVIEW


async def test_another_publishes_and_the_next_member_gets_it(lodge: House) -> None:
    card = await proposed(lodge)
    own = await press(lodge, card, "Publish", lodge.anna)
    assert "You wrote this edit" in own.text()
    assert OLD in await asked(lodge)
    await press(lodge, card, "Publish", lodge.ben, until="published")
    assert "some people take" in await asked(lodge)
    assert lodge.served().entries["lithium"].review.by is Reviewer.NONE, "who did not read it through does not sign"
    assert card.labels()[-1] == "Back to the text before"


async def test_a_card_goes_on_saying_what_it_changed(lodge: House) -> None:
    card = await published(lodge)
    changed = f"- Lithium is a {OLD}", "+ Lithium is a salt that some people take [@nice-ng222]."
    assert all(line in card.text() for line in changed)
    form = await lodge.discord.press(card, "Back to the text before", by=lodge.cora)
    await lodge.discord.submit(form, {"why": "it was better"}, by=lodge.cora)
    await lodge.discord.until(lambda: "**reverted**" in card.text())
    assert all(line in card.text() for line in changed)


async def test_a_card_says_when_what_it_changed_is_no_longer_known(lodge: House) -> None:
    card = await published(lodge)
    unknown = "no longer known"
    assert unknown not in card.text()
    git_changes(lodge.folder, "Lithium is a salt from a file [@nice-ng222].")
    await lodge.discord.until(lambda: bool(lodge.bot.office.desk.flags()), what="the changed file")
    opened = await lodge.discord.press_id(card, "ns1:kcard:1", by=lodge.ben)
    assert unknown in opened.text()
    assert "- Lithium is a salt from a file [@nice-ng222]." in opened.text()


async def test_what_members_get_opens_on_what_a_published_edit_changed(lodge: House) -> None:
    of = await panel(lodge)
    await typed(lodge, of, "timeline", {"text": "It takes as long as a slow letter [nice ng222]."})
    card = await handed_in(lodge, of)
    await press(lodge, card, PUBLISH, lodge.ben, until="published")
    shown = await lodge.discord.press(card, "As members see it", by=lodge.ben)
    assert "as a slow letter" in shown.text()


async def test_members_get_the_old_text_or_the_new_one_while_it_is_published(lodge: House) -> None:
    card = await proposed(lodge, "Lithium is a salt that was found long ago [nice ng222].")
    lodge.discord.hurried = True
    publishing = asyncio.create_task(press(lodge, card, PUBLISH, lodge.ben, until="published"))
    new: list[bool] = []
    while not publishing.done():
        said = (await lodge.discord.slash("define", term="lithium", by=lodge.discord.bob)).text()
        assert (OLD in said) != ("found long ago" in said)
        new.append("found long ago" in said)
    await publishing
    assert new == sorted(new), "once new, always new"
    assert not new[0]


async def test_a_clinician_who_read_it_through_signs(lodge: House) -> None:
    card = await proposed(lodge)
    await press(lodge, card, "Publish, I read the whole page", lodge.cora, until="published")
    review = lodge.served().entries["lithium"].review
    assert (review.by, review.on) == (Reviewer.CLINICIAN, lodge.clock().date())


async def test_high_stakes_may_need_a_clinician(lodge: House) -> None:
    lodge.bot.office.desk.policy = Policy(clinician_for_high_stakes=True)
    card = await proposed(lodge)
    assert "a clinician has to approve" in card.text()
    refused = await press(lodge, card, "Publish", lodge.ben)
    await lodge.discord.until(lambda: "clinician has to approve those" in refused.text())
    assert OLD in await asked(lodge)
    await press(lodge, card, "Publish", lodge.cora, until="published")


async def test_changes_are_asked_for_made_and_published(lodge: House) -> None:
    card = await proposed(lodge, by=lodge.discord.moderator)
    form = await press(lodge, card, "Ask for changes", lodge.anna)
    await lodge.discord.submit(form, {"why": "say what it is for"}, by=lodge.anna)
    await lodge.discord.until(lambda: "changes requested" in card.text())
    assert "> say what it is for" in card.text()
    opened = await press(lodge, card, "Work on it", lodge.discord.moderator)
    assert opened.original is not None
    text = "Lithium is a salt that is used for mood [@nice-ng222]."
    await typed(lodge, opened.original, "overview", {"text": text}, lodge.discord.moderator)
    again = await handed_in(lodge, opened.original, lodge.discord.moderator)
    await press(lodge, again, "Publish", lodge.ben, until="published")
    assert "used for mood" in await asked(lodge)


async def test_declining_takes_a_reason_and_closes(lodge: House) -> None:
    card = await proposed(lodge)
    form = await press(lodge, card, "Decline", lodge.ben)
    await lodge.discord.submit(form, {"why": "not sourced well"}, by=lodge.ben)
    await lodge.discord.until(lambda: "**declined**" in card.text())
    late = await lodge.discord.press_id(card, "ns1:kapprove:1:2:1", by=lodge.cora)
    await lodge.discord.until(lambda: "out of date" in late.text())
    assert (await only(lodge)).state is State.DECLINED


async def test_two_publish_at_once_one_wins_and_the_other_is_told(lodge: House) -> None:
    first = await proposed(lodge)
    second = await proposed(lodge, "Lithium is a salt that is used for mood [nice ng222].", by=lodge.cora)
    done = await asyncio.gather(
        lodge.discord.press(first, "Publish", by=lodge.ben), lodge.discord.press(second, "Publish", by=lodge.ben)
    )
    await lodge.discord.until(lambda: sum("published**" in card.text() for card in (first, second)) == 1, 20)
    await lodge.discord.until(lambda: sum("was published meanwhile" in one.text() for one in done) == 1, 20)
    assert len(await lodge.edits.standing()) == 1
    loser = second if "published**" in first.text() else first
    assert "Another text was published since" in loser.text()


async def test_a_draft_is_carried_over_to_what_was_published_meanwhile(lodge: House) -> None:
    of = await panel(lodge, by=lodge.cora)
    await typed(lodge, of, "overview", {"text": "Lithium is an old salt [nice ng222]."}, lodge.cora)
    other = await panel(lodge)
    await typed(lodge, other, "timeline", {"text": "Lithium takes some weeks [nice ng222]."})
    card = await handed_in(lodge, other)
    await press(lodge, card, "Publish", lodge.ben, until="published")
    mine = await handed_in(lodge, of, lodge.cora)
    assert "How long it takes" not in mine.text(), "the other's change is not undone"
    await press(lodge, mine, "Publish", lodge.ben, until="published")
    facets = lodge.served().entries["lithium"].facets
    assert facets[Facet.TIMELINE] == "Lithium takes some weeks [@nice-ng222]."
    assert facets[Facet.OVERVIEW] == "Lithium is an old salt [@nice-ng222]."


async def test_what_both_changed_is_shown_before_it_is_handed_in(lodge: House) -> None:
    of = await panel(lodge, by=lodge.cora)
    await typed(lodge, of, "overview", {"text": "Lithium is an old salt [nice ng222]."}, lodge.cora)
    await published(lodge)
    warned = await lodge.discord.press(of, "Hand in", by=lodge.cora)
    assert warned.modal is None
    assert "This was changed by another edit too, meanwhile: What it is" in of.text()
    await press(lodge, await handed_in(lodge, of, lodge.cora), "Publish", lodge.ben, until="published")
    assert "an old salt" in await asked(lodge)


async def test_a_revert_brings_back_what_was_served(lodge: House) -> None:
    await published(lodge)
    said = await lodge.discord.slash("knowledge revert", entry="lithium", reason="the old one was right", by=lodge.cora)
    await lodge.discord.until(lambda: "is taken back" in said.text(), 20)
    assert OLD in await asked(lodge)
    await lodge.discord.until(lambda: "was taken back** by a clinician" in lodge.room[-1].text())
    nothing = await lodge.discord.slash("knowledge revert", entry="lithium", reason="again", by=lodge.cora)
    await lodge.discord.until(lambda: "nothing to take back" in nothing.text())
    past = await lodge.discord.slash("knowledge history", entry="lithium", by=lodge.anna)
    assert "taken back by a clinician: the old one was right" in past.text()
    again = await lodge.discord.press(past.original, "Bring 1 back", by=lodge.anna)  # type: ignore[arg-type]
    assert "+ Lithium is a salt that some people take" in again.text()


@asynccontextmanager
async def slow_to_build(home: House) -> AsyncIterator[None]:
    """Something else is being built meanwhile, and nobody waits until the bot is done."""
    home.discord.hurried = True
    async with home.bot.office.desk.publisher._turn:
        yield
    home.discord.hurried = False


async def test_who_takes_something_back_is_told_at_once_and_when_members_get_it(lodge: House) -> None:
    card = await published(lodge)
    async with slow_to_build(lodge):
        form = await lodge.discord.press(card, "Back to the text before", by=lodge.cora)
        await lodge.discord.submit(form, {"why": "it was better"}, by=lodge.cora)
        await lodge.discord.until(lambda: "Being taken back" in card.text())
        assert "some people take" in await asked(lodge)
    await lodge.discord.until(lambda: "**reverted**" in card.text())
    assert OLD in await asked(lodge)
    await published(lodge)
    async with slow_to_build(lodge):
        said = await lodge.discord.slash("knowledge revert", entry="lithium", reason="as before", by=lodge.cora)
        await lodge.discord.until(lambda: "is being taken back" in said.text())
    await lodge.discord.until(lambda: "is taken back" in said.text())
    assert OLD in await asked(lodge)


async def test_history_has_pages_and_names_roles_only(lodge: House) -> None:
    for number in range(5):
        await published(lodge, (SALT, "Lithium is a salt of old [nice ng222].")[number % 2])
    past = await lodge.discord.slash("knowledge history", entry="lithium", by=lodge.discord.moderator)
    assert past.original is not None
    assert "Part 1 of 2" in past.text()
    assert "Anna" not in past.text()
    await lodge.discord.press(past.original, "Older", by=lodge.discord.moderator)
    assert "**Edit 1**, superseded" in past.original.text()
    whole = await lodge.discord.press(past.original, "Edit 1", by=lodge.discord.moderator)
    shown = await lodge.discord.press(whole.original, "Whole difference", by=lodge.discord.moderator)  # type: ignore[arg-type]
    assert f"- Lithium is a {OLD}" in shown.text()


async def test_hiding_works_before_it_is_said_and_while_something_is_built(lodge: House) -> None:
    await asked(lodge)
    slow = asyncio.Event()

    async def build_slowly() -> None:
        async with lodge.bot.office.desk.publisher._turn:
            await slow.wait()

    busy = asyncio.create_task(build_slowly())
    await asyncio.sleep(0)
    hidden = await lodge.discord.slash("knowledge hide", entry="lithium", reason="wrong figure", by=lodge.anna)
    assert "is hidden" in hidden.text()
    assert OLD not in await asked(lodge)
    assert "lithium" not in [one["value"] for one in await lodge.discord.autocomplete("define", "term", "lith")]
    for typed_words in ("lith", ""):
        offered = await lodge.discord.autocomplete("knowledge edit", "entry", typed_words, by=lodge.ben)
        assert offered[0]["value"] == "lithium", "who has to correct it finds it first"
    searched = await lodge.discord.slash("knowledge search", words="lithium", by=lodge.ben)
    assert "hidden" in searched.text().splitlines()[1]
    slow.set()
    await busy
    await lodge.bot.office.desk.publisher.settled()
    assert OLD not in await asked(lodge)
    told = lodge.room[-1]
    assert "was hidden** by an editor: wrong figure" in told.text()
    shown = await lodge.discord.press(told, "Show it again", by=lodge.ben)
    await lodge.discord.until(lambda: "is shown again" in shown.text(), 20)
    assert OLD in await asked(lodge)
    twice = await lodge.discord.press(told, "Show it again", by=lodge.cora)
    assert "out of date" in twice.text()


async def test_a_moderator_has_a_bounded_number_waiting(lodge: House) -> None:
    lodge.bot.office.desk.policy = Policy(most_waiting=1)
    await proposed(lodge, by=lodge.discord.moderator)
    of = await panel(lodge, "ect", by=lodge.discord.moderator)
    refused = await typed(lodge, of, "overview", {"text": SALT}, lodge.discord.moderator)
    assert "waiting already" in refused.text()


# --- files -----------------------------------------------------------------------------------------------------------


def git_changes(folder: Path, sentence: str) -> None:
    """Somebody else's commit changes the overview in the file."""
    knowledge = load_knowledge(folder).knowledge
    entry = knowledge.entries["lithium"]
    facets = {**entry.facets, Facet.OVERVIEW: sentence}
    path = folder / "definitions/lithium.yaml"
    path.write_text(file_text(entry.model_copy(update={"facets": facets})), encoding="utf-8")


async def test_a_changed_file_is_taken_and_a_broken_one_is_told_with_its_line(
    lodge: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    git_changes(lodge.folder, "Lithium is a salt from a file [@nice-ng222].")
    await lodge.discord.until(
        lambda: "salt from a file" in lodge.served().entries["lithium"].facets[Facet.OVERVIEW], 20
    )
    path = lodge.folder / "definitions/lithium.yaml"
    path.write_text(path.read_text("utf-8").replace("stakes: high", "stakes: enormous"), encoding="utf-8")
    await lodge.discord.until(lambda: any("could not all be taken" in one.text() for one in lodge.room), 20)
    assert "lithium.yaml:" in lodge.room[-1].text()
    assert "keeps answering" in lodge.room[-1].text()
    told = len(lodge.room)
    for _ in range(2):
        await lodge.bot.office.ready()  # as after a restart, also one after the other
    assert ["lithium.yaml:" in one.text() for one in lodge.room[told:]] == [True], "what is still wrong is said once"
    assert "salt from a file" in await asked(lodge)


@pytest.mark.parametrize(
    ("choice", "then"), [("Keep the published text", "some people take"), ("Take the file's text", "salt from a file")]
)
async def test_a_conflict_with_git_is_shown_and_an_editor_chooses(lodge: House, choice: str, then: str) -> None:
    await published(lodge)
    git_changes(lodge.folder, "Lithium is a salt from a file [@nice-ng222].")
    await lodge.discord.until(lambda: any("A file changed under edit 1" in one.text() for one in lodge.room), 20)
    card = lodge.room[-1]
    assert "+ Lithium is a salt from a file [@nice-ng222]." in card.text()
    assert "some people take" in await asked(lodge), "the reviewed text keeps serving"
    refused = await lodge.discord.press(card, choice, by=lodge.discord.moderator)
    assert "editors and clinicians" in refused.text()
    await lodge.discord.press(card, choice, by=lodge.anna)
    await lodge.discord.until(lambda: "chosen by an editor" in card.text(), 20)
    assert then in await asked(lodge)
    assert lodge.bot.office.desk.flags() == ()


async def test_what_was_published_is_exported_as_yaml_that_passes_the_check(lodge: House) -> None:
    await published(lodge)
    today = lodge.clock().date()
    before = errors(lodge, today)
    export(lodge.folder, export_changes(lodge.folder, await lodge.edits.standing()), today)
    assert "some people take" in (lodge.folder / "definitions/lithium.yaml").read_text("utf-8")
    assert errors(lodge, today) <= before


def errors(home: House, today: date) -> set[tuple[str, str, str]]:
    found = check(home.folder, today)
    return {(one.path, one.code, one.message) for one in found if one.severity is Gravity.ERROR}


async def test_what_waits_is_listed_and_opened(lodge: House) -> None:
    waiting = await lodge.discord.slash("knowledge waiting", by=lodge.ben)
    assert "Nothing waits" in waiting.text()
    card = await proposed(lodge)
    waiting = await lodge.discord.slash("knowledge waiting", by=lodge.ben)
    opened = await lodge.discord.press(waiting.original, "Edit 1", by=lodge.ben)  # type: ignore[arg-type]
    assert opened.text().splitlines()[0] == card.text().splitlines()[0]
