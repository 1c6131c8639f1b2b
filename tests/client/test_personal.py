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


async def short_replies(room: Room, label: str = "Turn short replies on") -> None:
    menu = await room.alice.slash(room.general, "me")
    await room.alice.click(menu.response.message, label=label)


async def test_short_replies_hold_back_no_warning(room: Room) -> None:
    """A warning that was shown by its title only is given in full behind the button."""
    await short_replies(room)
    asked = await room.alice.slash(room.general, "ask", question="what are the side effects of lithium?")
    assert labels(asked.response) == ["More"]
    assert "Please read under “More”: " in shown(asked)
    more = shown(await room.alice.click(asked.response.message, label="More"))
    assert "Still true" not in more
    assert "> **" in more
    assert "**Sources**" in more


async def test_short_replies_are_short_for_comparisons_and_pairs_too(room: Room) -> None:
    await short_replies(room)
    compared = await room.alice.slash(room.general, "compare", first="lithium", second="ect")
    assert labels(compared.response) == ["More"]
    assert len(shown(compared).split("\n")) == 5  # two names, a line each, warnings, and what the bot is
    whole = await room.alice.click(compared.response.message, label="More")
    assert "Share here" in labels(whole.response)
    pair = await room.alice.slash(room.general, "ask", question="can I take lithium with ibuprofen?")
    assert labels(pair.response) == ["More"]
    assert "Serious" in shown(pair)
    assert "**Sources**" in shown(await room.alice.click(pair.response.message, label="More"))


async def test_plain_text_has_no_layout_and_can_be_read_on_to_the_end(room: Room) -> None:
    await short_replies(room, "Turn plain text on")
    asked = await room.alice.slash(room.general, "compare", first="lithium", second="ect")
    text, pages = shown(asked), 1
    while "Read on" in labels(asked.response):
        asked = await room.alice.click(asked.response.message, label="Read on")
        text, pages = f"{text}\n{shown(asked)}", pages + 1
    assert pages > 1
    assert f"Part {pages} of {pages}" in text
    assert not asked.response.message.flags.components_v2
    reply, _ = room.bot.desk.answerer.compare(("lithium", "ect"), room.bot.desk.clock())
    for sentence in (one for row in reply.rows for cell in row.cells for one in cell):
        assert sentence.text[:-1] in text
    assert not any(mark in text for mark in ("###", "**", "-# "))


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
