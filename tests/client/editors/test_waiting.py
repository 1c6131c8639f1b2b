"""What waits for a decision: found again by those who wrote it, by those who decide, and without any channel."""

from __future__ import annotations

import re

from bot.editing.drafts import EntryForm, change_entry
from bot.editing.model import Actor, Edit
from bot.editing.states import Role
from bot.knowledge.model import Facet
from bot.storage.retention import opaque_id
from tests.client.editors.desk import handed_in, panel, press, proposed, published, typed
from tests.client.editors.house import House
from tests.client.editors.test_deciding import git_changes
from tests.discord_server import Message, User


async def waiting(home: House, by: User) -> Message:
    listed = await home.discord.slash("knowledge waiting", by=by)
    assert listed.original is not None
    return listed.original


async def actor(home: House, user: User) -> Actor:
    return Actor(await opaque_id(home.bot.desk.database, user.id), Role.EDITOR)


async def drafted(home: House, sentence: str) -> Edit:
    """A draft of Anna's, written at the desk."""
    desk = home.bot.office.desk
    form = EntryForm(facets={Facet.OVERVIEW: f"{sentence} [@nice-ng222]."})
    draft = change_entry(desk.knowledge.entries["lithium"], form, desk.knowledge, home.clock().date())
    return await desk.begin(draft, await actor(home, home.anna))


async def test_what_waited_longest_stands_first_and_nothing_is_left_out(lodge: House) -> None:
    for letter in "abcdefghijklm":
        edit = await drafted(lodge, f"Lithium is a salt called {letter}")
        await lodge.bot.office.desk.propose(edit, await actor(lodge, lodge.anna), "clearer")
    listed = await waiting(lodge, lodge.ben)
    seen = [int(one) for one in re.findall(r"\*\*Edit (\d+)\*\*", listed.text())]
    while "Further" in listed.labels():
        await lodge.discord.press(listed, "Further", by=lodge.ben)
        seen += [int(one) for one in re.findall(r"\*\*Edit (\d+)\*\*", listed.text())]
        assert {f"Edit {number}" for number in seen[-1:]} <= set(listed.labels())
    assert seen == list(range(1, 14))


async def test_the_author_finds_the_reason_in_the_panel(lodge: House) -> None:
    card = await proposed(lodge, by=lodge.discord.moderator)
    form = await press(lodge, card, "Ask for changes", lodge.ben)
    await lodge.discord.submit(form, {"why": "say what it is for, @everyone"}, by=lodge.ben)
    of = await panel(lodge, by=lodge.discord.moderator)
    assert "> Changes asked for by an editor: say what it is for" in of.text()
    assert "@everyone" not in of.text()


async def test_a_card_that_is_opened_later_says_what_members_would_notice(lodge: House) -> None:
    card = await proposed(lodge)
    form = await press(lodge, card, "Ask for changes", lodge.ben)
    await lodge.discord.submit(form, {"why": "more"}, by=lodge.ben)
    await lodge.discord.until(lambda: "changes requested" in card.text())
    assert "Changes no answer" in card.text(), "the text is the one that was measured"
    of = await panel(lodge, "ect", by=lodge.cora)
    await typed(lodge, of, "overview", {"text": "ECT is a treatment [nice ng222]."}, lodge.cora)
    other = await handed_in(lodge, of, lodge.cora)
    await press(lodge, other, "Publish", lodge.ben, until="published")
    opened = await lodge.discord.press(await waiting(lodge, lodge.cora), "Edit 1", by=lodge.cora)
    await lodge.discord.until(
        lambda: "Changes no answer" in opened.text(), what="the impact against what is served now"
    )


async def test_what_waits_is_measured_anew_as_soon_as_something_else_is_served(lodge: House) -> None:
    await proposed(lodge)
    of = await panel(lodge, "ect", by=lodge.cora)
    await typed(lodge, of, "overview", {"text": "ECT is a treatment [nice ng222]."}, lodge.cora)
    await press(lodge, await handed_in(lodge, of, lodge.cora), "Publish", lodge.ben, until="published")
    await lodge.bot.office.settled()
    listed, before = await waiting(lodge, lodge.ben), len(lodge.discord.requests)
    opened = await lodge.discord.press(listed, "Edit 1", by=lodge.ben)
    assert "Changes no answer" in opened.text()
    assert not [one for one in lodge.discord.requests[before:] if "being measured" in str(one.body)]


async def test_what_only_a_full_build_would_tell_is_not_measured_before_it_is_handed_in(lodge: House) -> None:
    of = await panel(lodge)
    asks = "\n".join(f"does the salt make lamp number {number} flicker" for number in range(80))
    await typed(lodge, of, "asks", {"more": asks})
    await lodge.bot.office.settled()
    (edit,) = await lodge.edits.latest()
    meter = lodge.bot.reviews.meter
    assert meter.known(edit) is None
    await handed_in(lodge, of)
    found = meter.known(await lodge.edits.of(edit.id))
    assert found is not None
    assert not any("preview" in line for line in found)


async def test_a_card_does_not_wait_for_good_when_something_else_is_served_while_it_is_measured(lodge: House) -> None:
    of = await panel(lodge)
    asks = "\n".join(f"does the salt make bell number {number} ring" for number in range(80))
    await typed(lodge, of, "asks", {"more": asks})
    form = await lodge.discord.press(of, "Hand in", by=lodge.anna)
    await lodge.discord.submit(form, {"why": "clearer"}, by=lodge.anna)
    await lodge.discord.until(lambda: "being measured" in "".join(one.text() for one in lodge.room), what="a card")
    served = lodge.bot.desk.answerer
    lodge.bot.desk.answerer = served.within(served.knowledge)
    await lodge.bot.office.settled()
    assert "What members would notice" in lodge.room[-1].text()
    assert "being measured" not in lodge.room[-1].text()


async def test_what_was_measured_counts_for_one_answerer_alone(lodge: House) -> None:
    """After a hide, or with other safety data, another answerer may have the same revision."""
    await proposed(lodge)
    (edit,) = await lodge.edits.latest()
    meter, served = lodge.bot.reviews.meter, lodge.bot.desk.answerer
    assert meter.known(edit) is not None
    lodge.bot.desk.answerer = served.within(served.knowledge)
    assert meter.known(edit) is None
    lodge.bot.desk.answerer = served
    assert meter.known(edit) is not None


async def test_a_file_that_overtook_an_edit_is_decided_on_without_the_card(lodge: House) -> None:
    await published(lodge)
    git_changes(lodge.folder, "Lithium is a salt from a file [@nice-ng222].")
    await lodge.discord.until(lambda: bool(lodge.bot.office.desk.flags()), what="the changed file")
    listed = await waiting(lodge, lodge.anna)
    assert "its file was changed since" in listed.text()
    opened = await lodge.discord.press(listed, "Decide: Lithium", by=lodge.anna)
    assert "+ Lithium is a salt from a file [@nice-ng222]." in opened.text()
    await lodge.discord.press(opened.shown, "Keep the published text", by=lodge.anna)
    await lodge.discord.until(lambda: "chosen by an editor" in opened.shown.text())
    assert lodge.bot.office.desk.flags() == ()
    late = await lodge.discord.press(listed, "Decide: Lithium", by=lodge.ben)
    assert "somebody has seen to it" in late.text()


async def test_anothers_draft_is_not_seen(lodge: House) -> None:
    edit = await drafted(lodge, "Lithium is a secret")
    message = await lodge.discord.say("hello")
    for action in ("kcard", "klook", "kdiff", "kagain"):
        said = await lodge.discord.press_id(message, f"ns1:{action}:{edit.id}", by=lodge.discord.moderator)
        assert "is somebody's draft" in said.text(), action
        assert "secret" not in said.text()
    own = await lodge.discord.press_id(message, f"ns1:kcard:{edit.id}", by=lodge.anna)
    assert "secret" in own.text()


async def test_what_was_taken_back_or_thrown_away_can_be_written_on(lodge: House) -> None:
    card = await proposed(lodge)
    await press(lodge, card, "Take back", lodge.anna, until="taken back")
    again = await lodge.discord.press(card, "Write on with this text", by=lodge.anna)
    assert "+ Lithium is a salt that some people take" in again.text()
    assert again.original is not None
    dropped = await lodge.discord.press(again.original, "Throw away", by=lodge.anna)
    assert "thrown away" in dropped.shown.text()
    opened = await lodge.discord.press(dropped.shown, "Open the card", by=lodge.anna)
    assert "Write on with this text" in opened.shown.labels(), "a slip of the finger loses nothing"
    others = await lodge.discord.press_id(card, "ns1:kcard:2", by=lodge.ben)
    assert "is somebody's draft" in others.text(), "what was never handed in is its author's"
    taken_up = await lodge.discord.press(card, "Write on with this text", by=lodge.ben)
    assert "Edit 3, draft" in taken_up.text(), "what was handed in may be taken up by others"
    assert (await lodge.edits.of(3)).author != (await lodge.edits.of(1)).author
