"""A member's and an administrator's first five minutes say what they must, and README shows every step of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.answering.pipeline import Answerer
from tests.demo import extras
from tests.demo.scenes import ADMINISTRATOR, MEMBER, Scene, played

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
needs_preview = pytest.mark.skipif(extras.missing() is not None, reason=str(extras.missing()))


@needs_preview
@pytest.mark.parametrize("walk", [MEMBER, ADMINISTRATOR], ids=["member", "administrator"])
async def test_every_step_says_what_it_must(answerer: Answerer, walk: tuple[Scene, ...]) -> None:
    from tests.demo.stage import stage

    async with stage(answerer) as ready:
        for scene in walk:
            _, target = await played(ready, scene)
            text = json.dumps(_json(target), ensure_ascii=False)
            for words in scene.says:
                assert words in text, scene.name
    assert ready.env.errors == []


def _json(target: Any) -> Any:
    """A message, or what a press or a command showed, as it went over the wire."""
    message = getattr(target, "response", target)
    parts = [part if isinstance(part, dict) else part.to_dict() for part in message.components]
    return [message.content, parts]


def test_readme_shows_every_step_with_a_text_for_those_who_cannot_see_it() -> None:
    shown = dict(re.findall(r'<img src="docs/pictures/([a-z-]+)\.png"[^>]*alt="([^"]+)"', README))
    assert set(shown) == {scene.name for scene in (*MEMBER, *ADMINISTRATOR)}
    for name, words in shown.items():
        assert len(words) >= 40, f"{name} needs a description"
        assert (ROOT / "docs" / "pictures" / f"{name}.png").is_file()
