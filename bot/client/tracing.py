"""What Discord answers, seen from beside the client: refusals by status, and how soon interactions are answered."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord

from bot.operations.metrics import Metrics

_FIRST_RESPONSE: Final = re.compile(r".*/interactions/(\d{1,20})/[^/]+/callback")


def traced(metrics: Metrics) -> aiohttp.TraceConfig:
    """Counts every answer of Discord's, those that discord.py tries again included."""

    async def ended(_: aiohttp.ClientSession, __: SimpleNamespace, what: aiohttp.TraceRequestEndParams) -> None:
        if what.response.status >= 400:
            metrics.rest_error(what.response.status)
        elif found := _FIRST_RESPONSE.fullmatch(what.url.path):
            born = discord.utils.snowflake_time(int(found[1])).timestamp()
            metrics.interaction(time.time() - born)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    return trace
