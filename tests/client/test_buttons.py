"""Buttons and menus: who may press, what comes, and what a restart or a changed page does to them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.client.interface import Interface
from bot.client.running import Options, build_bot
from bot.storage import Database
from tests.client import small
from tests.client.room import Room, labels, read, shown


async def test_a_facet_opens_privately_for_anyone(room: Room) -> None:
    await room.mention("what is lithium?")
    pressed = await room.bob.click(room.reply(), label="Side effects")
    assert pressed.ephemeral
    assert "### Lithium: side effects" in shown(pressed)


async def test_related_and_terms_lead_on(room: Room) -> None:
    await room.mention("what is esketamine?")
    for label in ("Related", "Explain the terms"):
        pressed = await room.bob.click(room.reply(), label=label)
        assert pressed.ephemeral
        assert labels(pressed.response) == ["Ketamine"]
        opened = await room.bob.click(pressed.response.message, label="Ketamine")
        assert "### Ketamine" in shown(opened)


async def test_only_the_asker_and_moderators_remove_a_reply(room: Room) -> None:
    await room.mention("what is lithium?")
    refused = await room.bob.click(room.reply(), label="Remove")
    assert "Only the person who asked" in shown(refused)
    await room.alice.click(room.reply(), label="Remove")
    assert room.replies() == []
    await room.mention("what is lithium?")
    await room.mo.click(room.reply(), label="Remove")
    assert room.replies() == []


async def test_a_choice_becomes_the_answer_in_its_place(room: Room) -> None:
    await room.mention("which one?")
    assert labels(room.reply())[:3] == ["Lithium", "ECT", "None of these"]
    assert "Only the person who asked" in shown(await room.bob.click(room.reply(), label="Lithium"))
    await room.alice.click(room.reply(), label="Lithium")
    assert "### Lithium" in read(room.reply())


async def test_none_of_these_is_taken_seriously(room: Room) -> None:
    await room.mention("which one?")
    await room.alice.click(room.reply(), label="None of these")
    assert "I do not have an answer to that yet" in read(room.reply())
    assert "Send to the editors, no name" in labels(room.reply())


async def test_a_question_goes_to_the_editors_scrubbed_and_without_a_name(room: Room) -> None:
    await room.mention("something unheard of")
    opened = await room.alice.click(room.reply(), label="Send to the editors, no name")
    field = _first_input(opened.modal)
    assert field["value"] == "something unheard of"
    text = f"does it help {room.bob.mention}? call me on +44 20 7946 0958, see https://example.org/x"
    await room.alice.submit_modal(opened, {field["custom_id"]: text})
    (question,) = await room.bot.desk.gaps.waiting()
    assert "does it help" in question.text
    for personal in (str(room.bob.id), "7946", "example.org"):
        assert personal not in question.text


def _first_input(modal: dict[str, Any]) -> dict[str, Any]:
    return next(item["component"] for item in modal["components"] if item["type"] == 18)


async def test_a_rating_is_counted_once_a_person(room: Room) -> None:
    await room.mention("what is lithium?")
    assert "Thank you" in shown(await room.bob.click(room.reply(), label="Helpful"))
    assert "already" in shown(await room.bob.click(room.reply(), label="Helpful"))
    pressed = await room.alice.click(room.reply(), label="Not helpful")
    chosen = await room.alice.select(pressed.response.message, values=["upsetting"])
    assert chosen.acknowledged
    counts = {(one.what, one.name): one.count for one in await room.bot.desk.feedback.months()}
    assert counts["helpful", "lithium/overview"] == 1
    assert counts["upsetting", "lithium/overview"] == 1


async def test_buttons_work_after_a_restart(room: Room, database: Database, interface: Interface) -> None:
    await room.mention("what is lithium?")
    await room.env.restart_bot(
        build_bot(small.answerer(), interface, database, Options(message_content=True, shards=1))
    )
    pressed = await room.bob.click(room.reply(), label="Side effects")
    assert "side effects" in shown(pressed)


async def test_a_page_that_is_gone_gets_a_calm_answer(room: Room) -> None:
    await room.mention("what is lithium?")
    asked = await room.alice.slash(room.general, "ask", question="what is lithium?")
    compared = await room.alice.slash(room.general, "compare", first="lithium", second="ect")
    await room.mention("which one?", channel=room.quiet)
    choices = room.reply(room.quiet)
    without = small.knowledge().model_copy(
        update={"entries": {k: v for k, v in small.knowledge().entries.items() if k != "lithium"}}
    )
    room.bot.desk.answerer = small.answerer().within(without)
    pressed = await room.bob.click(room.reply(), label="Side effects")
    assert "has been changed or taken out" in shown(pressed)
    for old in (asked, compared):
        shared = await room.alice.click(old.response.message, label="Share here")
        assert "has been changed or taken out" in shown(shared)
        assert shared.ephemeral
    await room.alice.click(choices, label="Lithium")
    assert "has been changed or taken out" in shown(await room.alice.click(choices, label="Lithium"))


@pytest.mark.parametrize("version", ["0", "2"])
async def test_a_button_of_another_version_gets_a_calm_answer(
    room: Room, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.client.ids.VERSION", version)
    await room.mention("what is lithium?")
    monkeypatch.undo()
    pressed = await room.bob.click(room.reply(), label="Side effects")
    assert "earlier version" in shown(pressed)


async def test_moderators_see_why_and_members_do_not(room: Room) -> None:
    await room.mention("something unheard of")
    why = await room.mo.context_menu(room.general, "Why this answer?", room.reply())
    assert why.ephemeral
    assert "**decide**: far" in shown(why)
    assert "unheard" not in shown(why)
