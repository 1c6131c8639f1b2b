"""Asking: by mention, directly, by command, by a message's menu; every kind of reply is drawn."""

from __future__ import annotations

import pytest

from tests.client.room import Room, labels, read, shown


async def test_a_mention_is_answered_with_sources_review_and_buttons(room: Room) -> None:
    await room.mention("what is lithium?")
    reply = room.reply()
    assert "### Lithium" in read(reply)
    assert "[1]" in read(reply)
    assert "**Sources**" in read(reply)
    assert "](<https://" in read(reply)
    assert "not reviewed by a clinician" in read(reply)
    assert {"Side effects", "Helpful", "Not helpful", "Remove"} <= set(labels(reply))
    assert reply.reference is not None


async def test_the_first_reply_says_what_the_bot_is_and_the_second_does_not(room: Room) -> None:
    await room.mention("what is lithium?")
    await room.mention("what is ECT?")
    first, second = room.replies()
    assert "I'm NextStep, a bot" in read(first)
    assert "I'm NextStep, a bot" not in read(second)


async def test_a_direct_message_is_answered_without_being_called(room: Room) -> None:
    await room.alice.send_dm("what is lithium?")
    assert "### Lithium" in read(room.reply(room.alice.user.dm_channel))


async def test_ask_is_private_and_sharing_is_a_choice(room: Room) -> None:
    asked = await room.alice.slash(room.general, "ask", question="what is lithium?")
    assert asked.ephemeral
    assert room.replies() == []
    assert "Remove" not in labels(asked.response)
    shared = await room.alice.click(asked.response.message, label="Share here")
    assert not shared.ephemeral
    assert "shared this" in shown(shared)
    assert "Remove" in labels(shared.response)


async def test_what_is_shared_has_its_warnings_in_full(room: Room) -> None:
    """The others in the channel have not seen them."""
    asked = await room.alice.slash(room.general, "ask", question="what are the side effects of lithium?")
    assert "> **" in shown(asked)
    again = await room.alice.slash(room.general, "ask", question="what are the side effects of lithium?")
    assert "Still true" in shown(again)
    shared = shown(await room.alice.click(again.response.message, label="Share here"))
    assert "> **" in shared
    assert "Still true" not in shared


async def test_a_pair_can_be_shared(room: Room) -> None:
    asked = await room.alice.slash(room.general, "ask", question="can I take lithium with ibuprofen?")
    assert "### Lithium with Ibuprofen" in shown(asked)
    shared = await room.alice.click(asked.response.message, label="Share here")
    assert "### Lithium with Ibuprofen" in read(room.reply())
    assert not shared.ephemeral


async def test_what_leads_on_is_not_talked_about(room: Room) -> None:
    """Looking at related pages does not count as having read the warnings of this one."""
    await room.mention("what is ect?", who=room.bob)
    await room.alice.click(room.reply(), label="Related")
    pressed = shown(await room.alice.click(room.reply(), label="Side effects"))
    assert "Still true" not in pressed


async def test_in_direct_messages_a_reply_can_be_removed(room: Room) -> None:
    await room.alice.send_dm("what is lithium?")
    channel = room.alice.user.dm_channel
    assert "Share here" not in labels(room.reply(channel))
    await room.alice.user.click(room.reply(channel), label="Remove")
    assert room.replies(channel) == []


async def test_names_are_completed_with_typing_errors_best_first(room: Room) -> None:
    for typed in ("lith", "litihum"):
        result = await room.alice.autocomplete(room.general, "define", "term", typed)
        assert result[0] == {"name": "Lithium", "value": "lithium"}
    everything = await room.alice.autocomplete(room.general, "define", "term", "")
    assert 0 < len(everything) <= 25


async def test_define_and_compare(room: Room) -> None:
    assert "### ECT" in shown(await room.alice.slash(room.general, "define", term="ect"))
    compared = await room.alice.slash(room.general, "compare", first="lithium", second="ect")
    assert compared.ephemeral
    assert "### Lithium" in shown(compared)
    assert "### ECT" in shown(compared)
    assert {"Open Lithium", "Open ECT"} <= set(labels(compared.response))
    same = await room.alice.slash(room.general, "compare", first="lithium", second="lithium")
    assert "Choose two different ones" in shown(same)


async def test_help_lines_need_no_country_and_take_one(room: Room) -> None:
    assert "findahelpline.com" in shown(await room.alice.slash(room.general, "help-lines"))
    result = await room.alice.autocomplete(room.general, "help-lines", "country", "united k")
    assert result == [{"name": "United Kingdom", "value": "GB"}]
    assert "116 123" in shown(await room.alice.slash(room.general, "help-lines", country="GB"))


async def test_about_says_bot_and_who_wrote_the_words(room: Room) -> None:
    text = shown(await room.alice.slash(room.general, "about"))
    assert "I'm a bot" in text
    assert "People did" in text


async def test_a_message_can_be_looked_up_by_its_menu_privately(room: Room) -> None:
    message = await room.bob.send(room.general, "what is lithium?")
    found = await room.alice.context_menu(room.general, "Find an answer", message)
    assert found.ephemeral
    assert "### Lithium" in shown(found)
    assert "Share here" in labels(found.response)


@pytest.mark.parametrize(
    ("question", "expected", "form"),
    [
        ("which one?", "Which of these do you mean?", True),
        ("something unheard of", "I do not have an answer", True),
        ("my dose", "Your prescriber can say.", True),
        ("hello there", "Hello. Ask me anything.", False),
        ("compare lithium and ect", "### Lithium", True),
    ],
)
async def test_each_kind_of_reply_is_drawn(room: Room, question: str, expected: str, form: bool) -> None:
    await room.mention(question)
    assert expected in read(room.reply())
    assert room.reply().flags.components_v2 is form


async def test_a_call_without_words_says_how_to_ask(room: Room) -> None:
    await room.mention("")
    assert "Ask me in your own words" in read(room.reply())


async def test_nobody_is_ever_pinged(room: Room) -> None:
    await room.mention(f"@everyone {room.bob.mention} what is lithium?")
    assert room.reply().mentions == []
    sent = [r.json for r in room.env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert all(body["allowed_mentions"]["parse"] == [] for body in sent)


async def test_plain_mode_has_the_same_words_and_buttons_without_cards(room: Room) -> None:
    menu = await room.alice.slash(room.general, "me")
    await room.alice.click(menu.response.message, label="Turn plain text on")
    await room.mention("what is lithium?")
    reply = room.reply()
    assert not reply.flags.components_v2
    assert "Lithium" in reply.content
    assert "###" not in reply.content
    assert "Side effects" in labels(reply)


async def test_low_energy_is_three_short_lines_and_one_button(room: Room) -> None:
    menu = await room.alice.slash(room.general, "me")
    await room.alice.click(menu.response.message, label="Turn short replies on")
    await room.mention("hello there")
    await room.mention("what is lithium?")
    reply = room.replies()[-1]
    assert len(read(reply).splitlines()) == 3
    assert labels(reply) == ["More"]
    more = await room.alice.click(reply, label="More")
    assert "**Sources**" in shown(more)


async def test_a_short_reply_is_removed_by_who_asked_or_a_moderator_with_its_menu(room: Room) -> None:
    menu = await room.alice.slash(room.general, "me")
    await room.alice.click(menu.response.message, label="Turn short replies on")
    for remover in (room.alice, room.mo):
        asked = await room.mention("what is lithium?")
        reply = room.reply()
        refused = await room.bob.context_menu(room.general, "Remove this reply", reply)
        assert "Only the person who asked" in shown(refused)
        assert room.replies() == [reply]
        done = await remover.context_menu(room.general, "Remove this reply", reply)
        assert done.ephemeral
        assert shown(done) == "Removed."
        assert room.replies() == []
    theirs = await room.alice.context_menu(room.general, "Remove this reply", asked)
    assert "only remove what I wrote" in shown(theirs)


async def test_own_and_other_bots_messages_are_ignored(room: Room) -> None:
    other = room.guild.add_member(room.env.create_user("robot", bot=True))
    await room.mention("what is lithium?", who=other)
    assert room.replies() == []


async def test_a_burst_gets_one_kind_note_and_danger_is_always_answered(room: Room) -> None:
    for _ in range(9):
        await room.mention("what is lithium?")
    texts = [read(reply) for reply in room.replies()]
    assert sum("### Lithium" in text for text in texts) == 6
    assert sum("One moment, please" in text for text in texts) == 1
    await room.mention("i want to die")
    assert "tap" in read(room.replies()[-1])
