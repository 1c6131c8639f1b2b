"""The bot over a real wire: REST and gateway of the local Discord, every body checked."""

from __future__ import annotations

from tests.client.conftest import Serve


async def test_a_mention_is_answered_with_a_card(serve: Serve) -> None:
    async with serve() as s:
        message = await s.discord.mention("what is lithium?")
        reply = await s.discord.reply_to(message)
        assert "### Lithium" in reply.text()
        assert "Remove" in reply.labels()
        assert reply.content == ""
        assert reply.mentions == []


async def test_ask_is_private_and_can_be_shared(serve: Serve) -> None:
    async with serve() as s:
        asked = await s.discord.slash("ask", question="what is ECT like?")
        assert asked.ephemeral
        assert "ECT" in asked.text()
        assert s.discord.sent() == []
        shared = await s.discord.press(asked.original, "Share here")
        assert not shared.ephemeral
        assert len(s.discord.sent(s.discord.general)) == 1


async def test_define_completes_and_answers(serve: Serve) -> None:
    async with serve() as s:
        choices = await s.discord.autocomplete("define", "term", "lith")
        assert choices[0] == {"name": "Lithium", "value": "lithium"}
        defined = await s.discord.slash("define", term="lithium")
        assert defined.ephemeral
        assert "### Lithium" in defined.text()
