"""Danger: one quiet line in public, everything else in private; alerts only where they were asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.client.alerts import is_staffed
from bot.storage import GuildSettings, Staffed
from tests.client.room import Room, holding, labels, read, shown

WEEK = 7 * 24 * 60 * 60


async def with_alerts(room: Room, **more: Any) -> None:
    settings = GuildSettings(room.guild.id, alert_channel=room.mods.id)
    await room.bot.desk.settings.save(replace(settings, **more))


async def test_in_a_channel_support_is_one_line_and_a_private_panel(room: Room) -> None:
    await room.mention("i want to die")
    public = room.reply()
    assert len(read(public)) < 200
    assert not public.flags.components_v2
    assert labels(public)[0] == "Show support"
    panel = await room.bob.click(public, label="Show support")
    assert panel.ephemeral
    assert "I have told nobody" in shown(panel)
    assert "I'm not safe right now" in labels(panel.response)


async def test_directly_the_whole_panel_comes_at_once(room: Room) -> None:
    await room.alice.send_dm("i want to die")
    text = read(room.reply(room.alice.user.dm_channel))
    assert "I'm a bot, not an emergency service" in text


async def test_the_panel_leads_on_to_a_country_and_other_words(room: Room) -> None:
    panel = await room.alice.slash(room.general, "ask", question="i want to die")
    assert panel.ephemeral
    asked = await room.alice.click(panel.response.message, label="Choose country")
    lines = await room.alice.select(asked.response.message, ["GB"], custom_id=holding(asked.response, "GB"))
    assert "116 123" in shown(lines)
    quiet = await room.alice.click(panel.response.message, label="Not what I meant")
    assert "sorry that I got it wrong" in shown(quiet)
    worse = await room.alice.click(panel.response.message, label="I'm not safe right now")
    assert shown(worse).startswith("Call ")


async def test_the_country_button_says_other_only_where_one_is_known(room: Room) -> None:
    before = await room.alice.slash(room.general, "ask", question="i want to die")
    assert "Choose country" in labels(before.response)
    assert "Other country" not in labels(before.response)
    menu = await room.alice.slash(room.general, "me")
    await room.alice.select(menu.response.message, ["GB"], custom_id=holding(menu.response, "GB"))
    after = await room.alice.slash(room.general, "ask", question="i want to die now")
    assert "Other country" in labels(after.response)
    assert "Choose country" not in labels(after.response)


async def test_without_a_channel_for_them_there_are_no_alerts(room: Room) -> None:
    await room.mention("i want to die")
    assert room.replies(room.mods) == []


async def test_an_alert_has_a_link_level_and_time_and_no_words(room: Room) -> None:
    await with_alerts(room)
    message = await room.mention("i want to die")
    alert = room.reply(room.mods)
    assert message.jump_url in alert.content
    assert "may be in crisis" in alert.content
    assert "<t:" in alert.content
    assert "die" not in alert.content
    assert alert.mentions == []
    panel = await room.alice.click(room.reply(), label="Show support")
    assert "The moderators got a note" in shown(panel)
    assert "I have told nobody" not in shown(panel)
    again = await room.alice.click(panel.response.message, label="I'm not safe right now")
    assert "I have told nobody" not in shown(again)
    other = await room.bob.click(room.reply(), label="Show support")
    assert "I have told nobody" in shown(other), "of who else presses it the moderators know nothing"


async def test_only_moderators_act_on_alerts_and_false_ones_are_counted(room: Room) -> None:
    await with_alerts(room)
    await room.mention("i want to die")
    alert = room.reply(room.mods)
    assert "for moderators" in shown(await room.bob.click(alert, label="I'm on it"))
    guide = await room.mo.click(alert, label="What to do")
    assert guide.ephemeral
    await room.mo.click(alert, label="False alarm")
    assert "a false alarm" in room.reply(room.mods).content
    assert labels(room.reply(room.mods)) == ["What to do"]
    counts = await room.bot.desk.alerts.counts()
    assert counts
    assert all(count.false_alarms == 1 and count.alerts == 1 for count in counts)


async def test_a_role_is_pinged_only_when_one_was_chosen(room: Room) -> None:
    role = room.guild.create_role("on call")
    await with_alerts(room, alert_role=role.id)
    await room.mention("i want to die")
    body = next(r.json for r in room.env.http_requests if r.path == f"/channels/{room.mods.id}/messages")
    assert body["allowed_mentions"]["roles"] == [role.id]
    assert body["allowed_mentions"]["parse"] == []
    assert f"<@&{role.id}>" in body["content"]


async def test_a_short_reminder_raises_no_second_alert(room: Room) -> None:
    await with_alerts(room)
    await room.mention("i want to die")
    await room.mention("i want to die")
    assert len(room.replies(room.mods)) == 1
    first, second = room.replies()
    assert read(first) != read(second)


async def test_alerts_are_deleted_after_seven_days(room: Room) -> None:
    await with_alerts(room)
    await room.mention("i want to die")
    desk = room.bot.desk
    later = datetime.fromtimestamp(desk.moment() + WEEK + 60, UTC)
    desk.clock = lambda: later
    await room.bot.housekeeping.clean()
    assert room.replies(room.mods) == []


async def test_what_is_told_is_disclosed(room: Room) -> None:
    before = shown(await room.alice.slash(room.general, "privacy show"))
    assert "nobody is told" in before
    await with_alerts(room, watch_in=frozenset({room.quiet.id}))
    after = shown(await room.alice.slash(room.general, "privacy show"))
    assert "moderators get a note" in after
    assert f"<#{room.quiet.id}>" in after


@pytest.mark.parametrize(
    ("hours", "moment", "there"),
    [
        (Staffed(8 * 60, 22 * 60), "12:00", True),
        (Staffed(8 * 60, 22 * 60), "23:00", False),
        (Staffed(22 * 60, 6 * 60), "23:00", True),
        (Staffed(22 * 60, 6 * 60), "12:00", False),
        (Staffed(8 * 60, 22 * 60, "Asia/Tokyo"), "23:30", True),
        (Staffed(8 * 60, 22 * 60, "No/Where"), "03:00", True),
    ],
)
def test_staffed_hours(hours: Staffed, moment: str, there: bool) -> None:
    assert is_staffed(hours, datetime.fromisoformat(f"2026-11-23T{moment}:00+00:00")) is there
