"""Registers the commands with Discord, and only when they have changed (200 creations a day are allowed)."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.client.bot import NextStep

log = logging.getLogger(__name__)


def fingerprint(bot: NextStep) -> str:
    """The hash of all commands as Discord would get them."""
    payload = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    payload.sort(key=lambda command: (command.get("type", 1), command["name"]))
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


async def sync_when_changed(bot: NextStep, *, anyway: bool = False) -> bool:
    """Register the commands if they differ from those registered last; gives whether it did."""
    name, found = f"commands:{bot.application_id}", fingerprint(bot)
    if not anyway and await bot.desk.state.get(name) == found:
        return False
    commands = await bot.tree.sync()
    await bot.desk.state.put(name, found)
    log.info("event=commands-registered count=%d", len(commands))
    return True
