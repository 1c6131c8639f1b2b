"""Words that people typed, shown among ours."""

from __future__ import annotations

import discord


def harmless(text: str) -> str:
    """No formatting, no links under another name, no pings."""
    return discord.utils.escape_mentions(discord.utils.escape_markdown(text, ignore_links=False))
