"""``python -m tests.bench.echo``: the least a bot can do, for comparison: it says what it was told."""

from __future__ import annotations

import asyncio
import os
import signal

import discord
from discord import app_commands

from bot.client.bot import intents
from bot.client.seam import VARIABLE, point_at


class Echo(discord.AutoShardedClient):
    """Answers a mention with its words, ``/ask`` with the question, an autocomplete with what was typed."""

    def __init__(self) -> None:
        none = discord.AllowedMentions.none()
        super().__init__(intents=intents(message_content=False), allowed_mentions=none, max_messages=None)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot:
            await message.reply(message.content, mention_author=False)


def made() -> Echo:
    client = Echo()

    @client.tree.command(name="ask", description="says it again")
    @app_commands.describe(question="what to say")
    async def ask(interaction: discord.Interaction[Echo], question: str) -> None:
        await interaction.response.send_message(question, ephemeral=True)

    @client.tree.command(name="define", description="says it again")
    @app_commands.describe(term="what to say")
    async def define(interaction: discord.Interaction[Echo], term: str) -> None:
        await interaction.response.send_message(term, ephemeral=True)

    @define.autocomplete("term")
    async def complete(interaction: discord.Interaction[Echo], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed, value=typed)]

    return client


async def main() -> None:
    await point_at(os.environ[VARIABLE])
    client = made()
    tasks: set[asyncio.Task[None]] = set()
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, lambda: tasks.add(asyncio.create_task(client.close()))
    )
    async with client:
        await client.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(main())
