"""``python -m tests.demo``: talk with the bot on a page in the browser that looks like a Discord channel."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import webbrowser
from typing import Final

from tests.demo.extras import missing, say

_WELCOME: Final = (
    "This is a channel of a made-up server; nothing that you type leaves this computer.\n"
    "- Type `@NextStep what are the side effects of lithium`, misspelt if you like.\n"
    "- Type `/` for commands: `/ask`, `/compare`, `/help-lines`, `/privacy`.\n"
    "- The buttons work. To see `/setup`, choose “Ada” (an administrator) under “Viewing as”."
)


async def play(port: int, *, browser: bool) -> None:
    """Serve the page until it is ended there or by Ctrl-C."""
    from bot.app import serve
    from tests.demo.stage import stage

    say("Reading the knowledge …")
    answerer = serve(None).answerer
    async with stage(answerer) as ready:
        channel = ready.guild.create_text_channel("questions")
        await ready.administrator.note(channel, _WELCOME)
        await ready.open_for_all(channel)
        async with ready.env.preview(channel, viewers=ready.people, layout="channel", port=port) as preview:
            say(f"NextStep answers at {preview.url}\nCtrl-C ends it.")
            _end_calmly(preview)
            if browser:
                webbrowser.open(preview.url)
            await preview.wait_closed()
    say("Ended. Nothing was kept.")


def _end_calmly(preview: object) -> None:
    """Ctrl-C and a stopping service end the page as its own button does."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: tasks.add(loop.create_task(preview.close())))  # type: ignore[attr-defined]


def main() -> int:
    """Start the page, or say what is missing."""
    options = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    options.add_argument("--no-browser", action="store_true", help="only print the address")
    options.add_argument("--port", type=int, default=0, help="the page's port; any free one unless given")
    given = options.parse_args()
    absent = missing()
    if absent is not None:
        sys.stderr.write(f"{absent}\n")
        return 1
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(play(given.port, browser=not given.no_browser))
    except KeyboardInterrupt:
        say("\nEnded before it began.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
