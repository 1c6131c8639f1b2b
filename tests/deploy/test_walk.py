"""README's five minutes, with this environment in place of the one that ``make`` would make."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.deploy.walk import ROOT, read, walk

README = (ROOT / "README.md").read_text(encoding="utf-8")


async def test_from_the_start_to_the_first_answer(
    tmp_path: Path, pages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEXTSTEP_KNOWLEDGE", str(pages))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    steps = read(README)
    target = re.fullmatch(r"make (\w+)", steps.shell)
    assert target is not None
    recipe = re.search(rf"^{target[1]}: \$\(MARK\).*\n\t@\$\(NEXTSTEP\) (\w+)", (ROOT / "Makefile").read_text(), re.M)
    assert recipe is not None
    watch = await walk(shlex.join([sys.executable, "-m", "bot", recipe[1]]), tmp_path, steps)
    with capsys.disabled():
        sys.stdout.write(f"\n{watch}\n")
    assert watch.seconds < 60
    assert len(watch.steps) == 4


def test_a_readme_without_one_of_the_steps_is_noticed() -> None:
    with pytest.raises(AssertionError, match="five minutes"):
        read(README.replace("`/setup`", "`/start`"))
