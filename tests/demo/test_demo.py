"""The demo starts and answers, without a browser."""

from __future__ import annotations

import json

import aiohttp
import pytest

from tests.client import small
from tests.demo import extras

pytestmark = pytest.mark.skipif(extras.missing() is not None, reason=str(extras.missing()))


async def test_the_page_opens_and_the_bot_answers_on_it() -> None:
    from tests.demo.stage import stage

    async with stage(small.answerer()) as ready:
        channel = ready.guild.create_text_channel("questions")
        await ready.open_for_all(channel)
        async with ready.env.preview(channel, viewers=ready.people, layout="channel") as preview:
            await ready.member.send(channel, "@NextStep what is lithium?")
            (answer,) = ready.said(channel)
            shown = json.dumps(await preview.snapshot())
            assert "Lithium" in shown
            assert str(answer.id) in shown
            async with aiohttp.ClientSession() as session, session.get(preview.url.split("#")[0]) as page:
                assert page.status == 200
    assert ready.env.errors == []
