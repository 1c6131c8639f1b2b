"""Points discord.py at another address than Discord's own, for tests, benchmarks and the demo."""

from __future__ import annotations

from typing import Final

import aiohttp
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import ConfigError

VARIABLE: Final = "DISCORD_API_URL"


async def point_at(api_url: str) -> None:
    """Send REST, callbacks and webhooks to ``api_url`` (such as ``http://127.0.0.1:8080/api/v10``), and the gateway
    to the address that it names.

    Raises:
        ConfigError: nothing answers there.
    """
    base = api_url.rstrip("/")
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{base}/gateway") as response:
            gateway = (await response.json(content_type=None))["url"]
    except (aiohttp.ClientError, OSError, KeyError, ValueError) as error:
        raise ConfigError(
            f"{VARIABLE} names {base}, but no Discord API answers there. Start it, or unset {VARIABLE} to use Discord."
        ) from error
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
