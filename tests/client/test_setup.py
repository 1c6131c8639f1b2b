"""/setup: who may, what is stored, what the self-check says."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.backend.errors import SetupError

from bot.client.panel import parse_hours
from bot.client.selfcheck import INVITE, NEEDED
from bot.storage import Staffed
from tests.client.room import Room, shown


async def opened(room: Room, page: str | None = None) -> Any:
    panel = await room.ada.slash(room.general, "setup")
    if page is not None:
        await room.ada.click(panel.response.message, label=page)
    return panel.response.message


async def test_only_those_who_manage_the_server_may(room: Room) -> None:
    with pytest.raises(SetupError, match="permission"):
        await room.bob.slash(room.general, "setup")
    assert (await room.ada.slash(room.general, "setup")).ephemeral


async def test_what_is_chosen_is_stored_at_once(room: Room) -> None:
    panel = await opened(room)
    await room.ada.select(panel, [room.general, room.forum], custom_id="nsm1:seta")
    await room.ada.select(panel, [room.quiet], custom_id="nsm1:setw")
    await room.ada.click(panel, label="Roles and alerts")
    await room.ada.select(panel, [room.mods], custom_id="nsm1:setl")
    settings = room.settings()
    assert settings.answer_in == {room.general.id, room.forum.id}
    assert settings.watch_in == {room.quiet.id}
    assert settings.alert_channel == room.mods.id
    await room.ada.select(panel, [], custom_id="nsm1:setl")
    assert room.settings().alert_channel is None


async def test_style_and_pause_are_switches(room: Room) -> None:
    panel = await opened(room, "Country, hours, style")
    await room.ada.click(panel, label="Switch to plain text")
    await room.ada.click(panel, label="Pause")
    assert room.settings().plain
    assert room.settings().paused
    await room.ada.click(panel, label="Resume")
    assert not room.settings().paused


async def test_country_and_hours_are_forms_that_explain_themselves(room: Room) -> None:
    panel = await opened(room, "Country, hours, style")
    for text, expected in (("Atlantis", None), ("united kingdom", "GB"), ("", None)):
        form = await room.ada.click(panel, label="Change country")
        answer = await room.ada.submit_modal(form, {fields(form)[0]: text})
        assert room.settings().country == expected
        assert ("do not know that country" in shown(answer)) is (text == "Atlantis")
    form = await room.ada.click(panel, label="Change hours")
    hours, zone = fields(form)
    await room.ada.submit_modal(form, {hours: "08:00-22:00", zone: "Europe/London"})
    assert room.settings().staffed == Staffed(480, 1320, "Europe/London")


def fields(form: Any) -> list[str]:
    return [item["component"]["custom_id"] for item in form.modal["components"]]


async def test_the_self_check_names_what_is_missing_and_why(room: Room) -> None:
    panel = await opened(room)
    await room.ada.select(panel, [room.general], custom_id="nsm1:seta")
    result = await room.ada.click(panel, label="Run test")
    text = shown(result)
    assert f"<#{room.general.id}>" in text
    assert "I can answer: “what is" in text
    assert "Support works" in text
    assert "fine" in text
    everyone = room.bot.get_guild(room.guild.id).default_role
    shut = {everyone: discord.PermissionOverwrite(send_messages=False, read_message_history=False)}
    await room.ada.select(panel, [room.guild.create_text_channel("shut", overwrites=shut)], custom_id="nsm1:seta")
    text = shown(await room.ada.click(panel, label="Run test"))
    assert "missing “Send Messages” (to answer), “Read Message History” (to reply to a message)" in text


async def test_the_self_check_looks_at_the_alert_channel(room: Room) -> None:
    panel = await opened(room, "Roles and alerts")
    await room.ada.select(panel, [room.mods], custom_id="nsm1:setl")
    text = shown(await room.ada.click(panel, label="Run test"))
    assert "everyone can read it" in text
    assert "A test note was posted" in text
    (posted,) = room.replies(room.mods)
    assert "test" in posted.content.lower()
    room.env.inject_error("POST", f"/channels/{room.mods.id}/messages", status=403, code=50013)
    assert "I could not post" in shown(await room.ada.click(panel, label="Run test"))


async def test_where_people_vent_nothing_is_answered_uncalled(room: Room) -> None:
    panel = await opened(room)
    vent = room.guild.create_text_channel("late-night-vent")
    chosen = await room.ada.select(panel, [room.general, vent], custom_id="nsm1:seta")
    assert room.settings().answer_in == {room.general.id}
    assert f"I left out <#{vent.id}>" in shown(chosen)


async def test_the_notice_says_what_is_switched_on(room: Room) -> None:
    panel = await opened(room)
    await room.ada.select(panel, [room.quiet], custom_id="nsm1:setw")
    text = shown(await room.ada.click(panel, label="Text for the channel notice"))
    assert "listens for messages that sound like danger" in text
    assert "answers questions here" not in text


def test_five_permissions_and_no_more() -> None:
    assert len(NEEDED) == 5
    assert not INVITE.administrator


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("08:00-22:00", "Europe/London", Staffed(480, 1320, "Europe/London")),
        ("22.30 – 6.00", "UTC", Staffed(1350, 360, "UTC")),
        ("08:00-24:00", "UTC", Staffed(480, 1440, "UTC")),
        ("8-22", "UTC", None),
        ("25:00-26:00", "UTC", None),
        ("08:00-08:00", "UTC", None),
        ("08:00-22:00", "../../etc/passwd", None),
        ("08:00-22:00", "Nowhere/Here", None),
    ],
)
def test_hours_are_read_or_refused(text: str, zone: str, expected: Staffed | None) -> None:
    assert parse_hours(text, zone) == expected
