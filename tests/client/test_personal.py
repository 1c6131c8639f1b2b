"""What a member sees, changes and deletes about themself."""

from __future__ import annotations

import json

from tests.client.room import Room, holding, labels, read, shown


async def test_settings_change_on_the_spot_and_stay(room: Room) -> None:
    menu = await room.alice.slash(room.general, "me")
    assert menu.ephemeral
    await room.alice.select(menu.response.message, ["GB"], custom_id=holding(menu.response, "GB"))
    await room.alice.click(menu.response.message, label="Turn short replies on")
    again = await room.alice.slash(room.general, "me")
    assert "Country: **United Kingdom**" in shown(again)
    assert "Turn short replies off" in labels(again.response)
    await room.alice.click(again.response.message, label="Do not keep my country")
    assert (await room.bot.desk.members.stored(room.alice.id)).country is None


async def test_the_country_decides_the_lines(room: Room) -> None:
    menu = await room.alice.slash(room.general, "me")
    await room.alice.select(menu.response.message, ["GB"], custom_id=holding(menu.response, "GB"))
    assert "116 123" in shown(await room.alice.slash(room.general, "help-lines"))
    assert "116 123" not in shown(await room.bob.slash(room.general, "help-lines"))


async def test_what_is_kept_can_be_seen_taken_along_and_deleted(room: Room) -> None:
    assert "nothing is stored" in shown(await room.alice.slash(room.general, "privacy show"))
    await room.mention("what is lithium?")
    text = shown(await room.alice.slash(room.general, "privacy show"))
    assert "1 of your messages" in text
    exported = await room.alice.slash(room.general, "privacy export")
    assert exported.ephemeral
    data = json.loads(await room.bot.personal.export(room.alice.id))
    assert data["replies"][0]["entries"] == "lithium"
    assert "what is" not in json.dumps(data)
    await room.alice.slash(room.general, "privacy delete")
    after = json.loads(await room.bot.personal.export(room.alice.id))
    assert not any(after.values())
    assert [talk for talk in room.bot.desk.talks._values if talk[0] == room.alice.id] == []


async def test_one_members_deletion_leaves_the_others(room: Room) -> None:
    await room.mention("what is lithium?")
    await room.mention("what is ECT?", who=room.bob)
    await room.alice.slash(room.general, "privacy delete")
    assert len(await room.bot.desk.replies.all_of(room.bob.id)) == 1
    assert "### Lithium" in read(room.replies()[0])
