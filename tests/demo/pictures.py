"""``python -m tests.demo.pictures``: the pictures in README, from messages that the bot truly sends.

They are the steps of :mod:`tests.demo.scenes`, played in one go; those that are named are taken, or all.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.demo.extras import missing, say
from tests.demo.scenes import ADMINISTRATOR, MEMBER, Scene, played

if TYPE_CHECKING:
    from tests.demo.stage import Stage

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTH: Final = 900
TALL: Final = 2400
MARGIN: Final = 14
MOST_BYTES: Final = 200_000
_NO_BROWSER: Final = "No Chromium was found. Install it (Debian, Ubuntu: apt-get install chromium) and run this again."


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


async def take(stage: Stage, scene: Scene) -> bytes:
    """Play one scene and return it as PNG."""
    channel, target = await played(stage, scene)
    viewer = scene.viewer(stage)
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


async def take_all(path: str, names: Sequence[str]) -> None:
    """Write the named pictures, or all, into ``docs/pictures``."""
    from bot.app import serve
    from tests.demo.stage import stage

    FOLDER.mkdir(parents=True, exist_ok=True)
    with _browser_at(path):
        async with stage(serve(None).answerer) as ready:
            for scene in (*MEMBER, *ADMINISTRATOR):
                if names and scene.name not in names:
                    await played(ready, scene)
                    continue
                png = await take(ready, scene)
                if len(png) > MOST_BYTES:
                    raise ValueError(f"{scene.name}.png has {len(png):,} bytes; at most {MOST_BYTES:,} are wanted.")
                (FOLDER / f"{scene.name}.png").write_bytes(png)
                say(f"docs/pictures/{scene.name}.png  {len(png) // 1000} kB")


def main() -> int:
    """Take the pictures, or say what is missing."""
    options = argparse.ArgumentParser(prog="python -m tests.demo.pictures", description=__doc__)
    known = ", ".join(one.name for one in (*MEMBER, *ADMINISTRATOR))
    options.add_argument("names", nargs="*", metavar="name", help=known)
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
