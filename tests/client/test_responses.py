"""Sending: what is tried again, and what is not."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bot.client.responses import patiently


async def answering(port: int) -> web.AppRunner:
    """A server at ``port`` that says yes."""

    async def yes(_: web.Request) -> web.Response:
        return web.Response(text="yes")

    application = web.Application()
    application.router.add_get("/", yes)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


async def asked(port: int) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
        return await response.text()


async def test_where_no_connection_is_made_it_is_tried_again() -> None:
    runner = await answering(0)
    port = runner.addresses[0][1]
    await runner.cleanup()
    sending = asyncio.ensure_future(patiently(lambda: asked(port), waits=(0.1,) * 50))
    await asyncio.sleep(0.15)
    runner = await answering(port)
    assert await sending == "yes"
    await runner.cleanup()
    with pytest.raises(aiohttp.ClientConnectorError):
        await patiently(lambda: asked(port), waits=(0.01, 0.01))
