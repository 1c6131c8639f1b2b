"""``python -m tests.demo.pictures``: the pictures in README, from messages that the bot truly sends."""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.storage import GuildSettings
from tests.demo.extras import missing, say

if TYPE_CHECKING:
    from tests.demo.stage import Stage

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTH: Final = 900
TALL: Final = 2400
MARGIN: Final = 14
MOST_BYTES: Final = 200_000
_NO_BROWSER: Final = "No Chromium was found. Install it (Debian, Ubuntu: apt-get install chromium) and run this again."


@dataclass(frozen=True, slots=True)
class Picture:
    """What is played in a channel of its own, who looks at it, and where the picture ends."""

    name: str
    channel: str
    play: Callable[[Stage, Any], Awaitable[Any]]
    viewer: Callable[[Stage], Any] = lambda stage: stage.member
    hidden: bool = False
    """Whether only moderators and administrators see the channel."""


async def _answer(stage: Stage, channel: Any) -> None:
    await stage.member.send(channel, "@NextStep what are the side effects of lithium")


async def _misspelt(stage: Stage, channel: Any) -> None:
    await stage.member.send(channel, "@NextStep quitiapine weight gian")


async def _comparison(stage: Stage, channel: Any) -> None:
    await stage.member.send(channel, "@NextStep tms or ect")


async def _support(stage: Stage, channel: Any) -> Any:
    await stage.member.send(channel, "@NextStep i want to end it tonight")
    return await stage.member.click(stage.said(channel)[-1], label="Show support")


def _panel(result: Any) -> Any:
    if result.response is None:
        raise LookupError("/setup showed nothing")
    return result.response


async def _setup(stage: Stage, channel: Any) -> Any:
    return await stage.administrator.slash(channel, "setup")


async def _setup_people(stage: Stage, channel: Any) -> Any:
    panel = await stage.administrator.slash(channel, "setup")
    return await stage.administrator.click(_panel(panel), label="Roles and alerts")


async def _tested(stage: Stage, channel: Any) -> Any:
    await _opened(stage, channel)
    panel = await stage.administrator.slash(channel, "setup")
    return await stage.administrator.click(_panel(panel), label="Run test")


async def _alert(stage: Stage, channel: Any) -> Any:
    await _opened(stage, channel)
    await stage.member.send(stage.guild.create_text_channel("night"), "@NextStep i want to end it tonight")
    return stage.said(channel)[-1]


async def _guide(stage: Stage, channel: Any) -> Any:
    return await stage.moderator.click(await _alert(stage, channel), label="What to do")


async def _opened(stage: Stage, alerts: Any) -> None:
    """Alerts go to this channel, as an administrator may choose by ``/setup``."""
    await stage.bot.desk.settings.save(GuildSettings(stage.guild.id, alert_channel=alerts.id))


PICTURES: Final = (
    Picture("answer", "questions", _answer),
    Picture("misspelt", "medicines", _misspelt),
    Picture("comparison", "treatments", _comparison),
    Picture("support", "evenings", _support),
    Picture("setup", "staff", _setup, viewer=lambda stage: stage.administrator),
    Picture("setup-people", "staff-roles", _setup_people, viewer=lambda stage: stage.administrator),
    Picture("setup-test", "staff-alerts", _tested, viewer=lambda stage: stage.administrator, hidden=True),
    Picture("alert", "moderators", _alert, viewer=lambda stage: stage.moderator, hidden=True),
    Picture("alert-guide", "mods", _guide, viewer=lambda stage: stage.moderator, hidden=True),
)


def chromium() -> str | None:
    """Where a Chromium is; ``None`` when there is none."""
    names = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def _browser_at(path: str) -> Iterator[None]:
    """simcord starts playwright's own browser; while this lasts, it starts the one at ``path`` instead."""
    from playwright.async_api import BrowserType

    before = BrowserType.launch

    async def launch(self: Any, **more: Any) -> Any:
        # without a sandbox, so that it starts in containers; it opens nothing but the local page
        return await before(self, **{**more, "executable_path": path, "args": ["--no-sandbox"]})

    BrowserType.launch = launch  # type: ignore[method-assign]
    try:
        yield
    finally:
        BrowserType.launch = before  # type: ignore[method-assign]


async def take(stage: Stage, picture: Picture) -> bytes:
    """Play one picture's scene and return it as PNG."""
    overwrites = stage.staff_only() if picture.hidden else None
    channel = stage.guild.create_text_channel(picture.channel, overwrites=overwrites)
    target = await picture.play(stage, channel)
    viewer = picture.viewer(stage)
    more = {"viewers": [viewer], "layout": "channel", "width": WIDTH, "height": TALL}
    async with stage.env.preview(channel, **more) as preview:
        whole = await preview.screenshot(viewer=viewer, target=target, mode="viewport")
        last = await preview.screenshot(viewer=viewer, target=target, mode="surface")
    return _cropped(whole.png, last.geometry)


def _cropped(png: bytes, last: Mapping[str, Any]) -> bytes:
    """The page down to the end of its last message, without the input box; 256 colours are enough and small."""
    from PIL import Image

    page = Image.open(io.BytesIO(png)).convert("RGB")
    end = min(round(last["visibleCrop"]["bottom"]) + MARGIN, page.height)
    small = page.crop((0, 0, page.width, end)).quantize(256, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


async def _introduce(stage: Stage) -> None:
    """Let the member meet the bot, so that no picture shows what it says of itself at the first meeting."""
    await stage.member.send(stage.guild.create_text_channel("lobby"), "@NextStep what is ect")


async def take_all(path: str, names: Sequence[str]) -> None:
    """Write the named pictures, or all, into ``docs/pictures``."""
    from bot.app import serve
    from tests.demo.stage import stage

    FOLDER.mkdir(parents=True, exist_ok=True)
    with _browser_at(path):
        async with stage(serve(None).answerer) as ready:
            await _introduce(ready)
            for picture in (one for one in PICTURES if not names or one.name in names):
                png = await take(ready, picture)
                if len(png) > MOST_BYTES:
                    raise ValueError(f"{picture.name}.png has {len(png):,} bytes; at most {MOST_BYTES:,} are wanted.")
                (FOLDER / f"{picture.name}.png").write_bytes(png)
                say(f"docs/pictures/{picture.name}.png  {len(png) // 1000} kB")


def main() -> int:
    """Take the pictures, or say what is missing."""
    options = argparse.ArgumentParser(prog="python -m tests.demo.pictures", description=__doc__)
    options.add_argument("names", nargs="*", metavar="name", help=", ".join(one.name for one in PICTURES))
    names = options.parse_args().names
    path = chromium()
    absent = missing(pictures=True) or (_NO_BROWSER if path is None else None)
    if absent is not None or path is None:
        sys.stderr.write(f"{absent}\n")
        return 1
    asyncio.run(take_all(path, names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
