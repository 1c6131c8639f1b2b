"""An edit's life, on a real database and real files, through the calls that forms and buttons make."""

from __future__ import annotations

import asyncio

import pytest

from bot.editing.desk import EditDesk
from bot.editing.drafts import EntryForm, retire
from bot.editing.model import Actor
from bot.editing.publisher import Publisher
from bot.editing.states import State, Step
from bot.errors import EditError
from bot.knowledge.model import Facet, Knowledge, Reviewer, Stakes
from tests.editing.room import ADDING, ANNA, BEN, CORA, LITHIUM, MEMBER, MIRA, STRANGER, Room

NEW = "Lithium is a salt that some people take [@nice-ng222]."


async def test_a_proposal_is_reviewed_by_another_and_then_served(room: Room) -> None:
    before = room.said()
    edit = await room.proposed()
    assert room.said() == before
    published = await room.desk.approve(edit, BEN, read=True, why="good")
    assert (published.state, room.said()) == (State.PUBLISHED, NEW)
    review = room.served.entries["lithium"].review
    assert (review.by, review.on) == (Reviewer.EDITOR, room.clock().date())
    assert room.swapped == [room.served]
    steps = await room.edits.steps(edit.id)
    assert [(one.step, one.role.value) for one in steps] == [
        (Step.BEGIN, "editor"),
        (Step.PROPOSE, "editor"),
        (Step.APPROVE, "editor"),
    ]


async def test_nobody_decides_on_their_own_edit(room: Room) -> None:
    edit = await room.proposed(by=CORA)
    for decide in (
        room.desk.approve(edit, CORA, read=True),
        room.desk.decline(edit, CORA, "no"),
        room.desk.request_changes(edit, CORA, "no"),
    ):
        with pytest.raises(EditError, match="You wrote this edit"):
            await decide
    assert (await room.edits.of(edit.id)).state is State.PROPOSED


@pytest.mark.parametrize("actor", [STRANGER, MEMBER])
async def test_members_and_strangers_can_do_nothing(room: Room, actor: Actor) -> None:
    edit, public = await room.proposed(), await room.published(by=BEN)
    for doing in (
        room.desk.begin(room.overview("Lithium is old"), actor),
        room.desk.submit(room.overview("Lithium is old"), actor),
        room.desk.save(edit, room.overview("Lithium is old"), actor),
        room.desk.approve(edit, actor, read=False),
        room.desk.decline(edit, actor, "no"),
        room.desk.take_back(edit, actor),
        room.desk.revert(public, actor, "no"),
        room.desk.hide(LITHIUM, actor, "no"),
        room.desk.keep(public, actor),
        room.desk.settle(public, actor),
    ):
        with pytest.raises(EditError):
            await doing
    assert room.said() == NEW
    assert len(await room.edits.latest()) == 2


async def test_a_moderator_proposes_and_does_not_decide(room: Room) -> None:
    edit = await room.proposed(by=MIRA)
    other = await room.proposed("Lithium is a salt that is used for mood", by=ANNA)
    with pytest.raises(EditError, match="clinician or editor"):
        await room.desk.approve(other, MIRA, read=True)
    with pytest.raises(EditError):
        await room.desk.hide(LITHIUM, MIRA, "wrong")
    assert (await room.desk.approve(edit, ANNA, read=False)).author_role is MIRA.role


async def test_only_who_read_it_through_signs(room: Room) -> None:
    await room.desk.approve(await room.proposed(), BEN, read=False)
    assert room.signed() is Reviewer.NONE
    second = await room.proposed("Lithium is a salt that is used for mood")
    await room.desk.approve(second, CORA, read=True)
    assert room.signed() is Reviewer.CLINICIAN
    asks = "\n".join((*room.served.entries["lithium"].asks, "is the salt a vitamin"))
    third = await room.desk.submit(room.draft(EntryForm(asks=asks)), ANNA)
    await room.desk.approve(third, BEN, read=False)
    assert room.signed() is Reviewer.CLINICIAN, "unchanged text keeps its signature"


async def test_high_stakes_may_need_a_clinician_also_when_the_edit_lowers_them(room: Room) -> None:
    desk = room.strict()
    edit = await desk.submit(room.draft(EntryForm(stakes="low")), ANNA)
    assert (await desk.card(edit, BEN)).needs_clinician
    with pytest.raises(EditError, match="clinician"):
        await desk.approve(edit, BEN, read=True)
    await desk.approve(edit, CORA, read=True)
    assert room.served.entries["lithium"].stakes is Stakes.LOW


async def test_a_draft_with_grave_complaints_is_kept_but_not_handed_in(room: Room) -> None:
    bad = room.draft(EntryForm(facets={Facet.OVERVIEW: "Take 900 mg now!"}))
    with pytest.raises(EditError, match=r"Overview: .*\nOverview: ") as refused:
        await room.desk.submit(bad, ANNA)
    assert "900 mg" in str(refused.value)
    assert await room.edits.latest() == ()
    edit = await room.desk.begin(bad, ANNA)
    with pytest.raises(EditError, match="900 mg"):
        await room.desk.propose(edit, ANNA)
    edit = await room.desk.save(edit, room.overview("Lithium is a salt that some people take"), ANNA)
    assert (await room.desk.propose(edit, ANNA)).state is State.PROPOSED


async def test_changes_are_requested_made_and_reviewed(room: Room) -> None:
    edit = await room.proposed(by=MIRA)
    with pytest.raises(EditError, match="reason"):
        await room.desk.request_changes(edit, ANNA, " ")
    edit = await room.desk.request_changes(edit, ANNA, "say what it is for")
    with pytest.raises(EditError, match="Only the author"):
        await room.desk.save(edit, room.overview("Lithium is old"), ANNA)
    edit = await room.desk.save(edit, room.overview("Lithium is a salt that is used for mood"), MIRA)
    edit = await room.desk.propose(edit, MIRA)
    await room.desk.approve(edit, ANNA, read=True)
    assert "for mood" in room.said()


async def test_a_stale_card_and_a_stale_text_are_told_so(room: Room) -> None:
    first = await room.proposed("Lithium is a salt that some people take")
    second = await room.proposed("Lithium is a salt that is used for mood", by=BEN)
    version = first.version
    await room.desk.approve(first, BEN, read=True)
    with pytest.raises(EditError, match="out of date"):
        await room.desk.seen(first.id, version)
    assert (await room.desk.card(second, ANNA)).stale
    with pytest.raises(EditError, match="older text of lithium: edit 1 was published meanwhile"):
        await room.desk.approve(second, ANNA, read=True)
    assert room.said() == NEW
    await room.desk.request_changes(second, ANNA, "look at the new text")


async def test_two_editors_publishing_at_once_one_wins(room: Room) -> None:
    first = await room.proposed("Lithium is a salt that some people take")
    second = await room.proposed("Lithium is a salt that is used for mood")
    results = await asyncio.gather(
        room.desk.approve(first, BEN, read=True),
        room.desk.approve(second, CORA, read=True),
        room.desk.approve(first, CORA, read=True),
        return_exceptions=True,
    )
    won = [one for one in results if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert sum(isinstance(one, EditError) for one in results) == 2
    assert [edit.id for edit in await room.edits.standing()] == [won[0].id]
    assert won[0].snapshot is not None
    assert room.served.entries["lithium"] == won[0].snapshot.value


async def test_reverting_goes_back_one_text_at_a_time(room: Room) -> None:
    original = room.said()
    first = await room.published("Lithium is a salt that some people take")
    second = await room.published("Lithium is a salt that is used for mood")
    assert (await room.edits.of(first.id)).state is State.SUPERSEDED
    await room.desk.revert(second, ANNA, "the first was better")
    assert room.said() == NEW
    first = await room.edits.of(first.id)
    assert first.state is State.PUBLISHED
    await room.desk.revert(first, BEN, "none of it")
    assert room.said() == original
    assert await room.edits.standing() == ()


async def test_an_old_version_comes_back_as_a_proposal(room: Room) -> None:
    first = await room.published("Lithium is a salt that some people take")
    await room.published("Lithium is a salt that is used for mood")
    again = await room.desk.again(await room.edits.of(first.id))
    edit = await room.desk.submit(again, ANNA, "the first was better")
    await room.desk.approve(edit, BEN, read=True)
    assert room.said() == NEW


async def test_history_tells_who_by_role_when_why_and_what(room: Room) -> None:
    await room.published("Lithium is a salt that some people take")
    room.clock.later(days=2)
    await room.published("Lithium is a salt that is used for mood")
    newest, oldest = await room.desk.history(LITHIUM)
    assert newest.differences[0].field == "overview"
    assert {line.text for line in newest.differences[0].lines} == {
        NEW,
        "Lithium is a salt that is used for mood [@nice-ng222].",
    }
    assert [one.why for one in oldest.steps] == ["clearer", "clearer", "", ""]
    assert oldest.steps[-1].step is Step.SUPERSEDE


async def test_hiding_takes_one_editor_and_stays_until_shown(room: Room) -> None:
    hidden = await room.desk.hide(LITHIUM, ANNA, "wrong figure")
    assert "lithium" not in room.served.entries
    assert room.served.entries["adding-lithium"].related == ()
    with pytest.raises(EditError, match="hidden already"):
        await room.desk.hide(LITHIUM, BEN, "too")
    await room.published("Lithium is a salt that some people take")
    assert "lithium" not in room.served.entries, "publishing does not bring it back"
    await room.desk.show(hidden, BEN, "mended")
    assert room.said() == NEW
    with pytest.raises(EditError, match="no entry nowhere"):
        await room.desk.hide(LITHIUM._replace(key="nowhere"), ANNA, "x")


async def test_retiring_is_reviewed_and_can_be_reverted(room: Room) -> None:
    first = await room.published()
    edit = await room.desk.submit(retire(LITHIUM, room.desk.knowledge, room.clock().date()), ANNA)
    edit = await room.desk.approve(edit, BEN, read=False)
    assert "lithium" not in room.served.entries
    assert (await room.edits.of(first.id)).state is State.RETIRED
    await room.desk.revert(edit, BEN, "still needed")
    assert room.said() == NEW


async def test_a_conflict_with_git_is_flagged_and_decided(room: Room) -> None:
    edit = await room.published()
    file = room.files.path / "definitions/lithium.yaml"
    file.write_text(file.read_text().replace("A diary can help", "A note can help"))
    await room.publisher.reload()
    assert room.said() == NEW
    (flag,) = room.desk.flags()
    assert (flag.edit, flag.sentence in room.told) == (edit.id, True)
    edit = await room.desk.keep(edit, ANNA, "ours is newer")
    assert room.desk.flags() == ()
    await room.desk.settle(edit, BEN, "git has it")
    assert "A note can help" in room.served.entries["lithium"].facets[Facet.SIDE_EFFECTS]
    assert room.said() != NEW


async def test_an_edit_on_a_file_that_changed_is_refused(room: Room) -> None:
    edit = await room.proposed()
    file = room.files.path / "definitions/lithium.yaml"
    file.write_text(file.read_text().replace("A diary can help", "A note can help"))
    await room.publisher.reload()
    with pytest.raises(EditError, match="its file was changed meanwhile"):
        await room.desk.approve(edit, BEN, read=True)


async def test_an_edit_that_became_wrong_meanwhile_is_refused(room: Room) -> None:
    linked = await room.desk.submit(room.draft(EntryForm(related=["lithium"], stakes="low"), "adding-lithium"), ANNA)
    gone = await room.desk.submit(retire(LITHIUM, room.desk.knowledge, room.clock().date()), ANNA)
    await room.desk.approve(gone, BEN, read=False)
    with pytest.raises(EditError, match=r"(?i)related: names 'lithium'|older text"):
        await room.desk.approve(linked, BEN, read=False)
    assert room.desk.knowledge.entries[ADDING.key].stakes is Stakes.HIGH


async def test_a_draft_is_judged_by_what_is_served_when_it_is_handed_in(room: Room) -> None:
    form = EntryForm(related=["lithium"], stakes="low")
    drafted = room.draft(form, "adding-lithium")
    assert drafted.ready
    gone = await room.desk.submit(retire(LITHIUM, room.desk.knowledge, room.clock().date()), ANNA)
    await room.desk.approve(gone, BEN, read=False)
    edit = await room.desk.begin(drafted, ANNA)
    with pytest.raises(EditError, match=r"(?i)related: names 'lithium'"):
        await room.desk.propose(edit, ANNA)
    assert any(one.grave for one in await room.desk.complaints(edit.content()))


async def test_a_build_that_fails_keeps_the_step_and_the_old_answers(room: Room) -> None:
    def fail(knowledge: Knowledge) -> Knowledge:
        if "salt" in knowledge.entries["lithium"].facets[Facet.OVERVIEW]:
            raise MemoryError
        return knowledge

    publisher: Publisher[Knowledge] = Publisher(room.files.path, room.edits, fail)
    before = (await publisher.start()).answerer
    desk = EditDesk(room.edits, publisher, room.clock)
    edit = await room.proposed()
    with pytest.raises(EditError, match="stored, but the new answers could not be built"):
        await desk.approve(edit, BEN, read=True)
    assert (await room.edits.of(edit.id)).state is State.PUBLISHED
    assert publisher.now.answerer == before


async def test_the_card_shows_what_the_reviewer_may_do(room: Room) -> None:
    edit = await room.proposed()
    desk: EditDesk = room.desk
    assert (await desk.card(edit, BEN)).steps == (Step.REQUEST_CHANGES, Step.APPROVE, Step.DECLINE)
    assert (await desk.card(edit, ANNA)).steps == (Step.TAKE_BACK,)
    assert (await desk.card(edit, MEMBER)).steps == ()
    card = await desk.card(edit, BEN)
    assert (card.differences[0].field, card.is_before_known) == ("overview", True)


async def test_what_was_changed_is_told_from_the_file_where_the_text_before_is_no_longer_known(room: Room) -> None:
    first = await room.published()
    assert (await room.desk.card(first, BEN)).is_before_known
    second = await room.published("Lithium is a salt that is used for mood")
    file = room.files.path / "definitions/lithium.yaml"
    file.write_text(file.read_text("utf-8").replace("A diary can help", "A note can help"), encoding="utf-8")
    await room.publisher.reload()
    card = await room.desk.card(await room.edits.of(first.id), BEN)
    assert not card.is_before_known
    assert "side-effects" in {one.field for one in card.differences}, "what only the file changed"
    assert (await room.desk.card(second, BEN)).is_before_known, "it took the place of the first"
