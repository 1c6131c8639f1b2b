"""The wheel: built, installed into an environment of its own, and used from a folder that knows nothing of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bot.compiled import cache_folder

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.xdist_group("whole")  # after others have compiled it


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this folder without asking any registry."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel installed, and the dependencies of this one within reach (not this checkout)."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    here = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(here)
    dependencies = tmp_path_factory.mktemp("dependencies")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "nextstep" not in path.name and path.suffix != ".pth":
            (dependencies / path.name).symlink_to(path)
    Path(here, "dependencies.pth").write_text(f"{dependencies}\n")
    return folder / "bin" / "python"


def run(python: Path, *words: str, given: str = "", code: str = "from bot.cli import main; main()") -> str:
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    # The very same program and knowledge: what this checkout has compiled serves the installed copy, too.
    env |= {"HOME": "/nonexistent", "XDG_CACHE_HOME": str(cache_folder().parent)}
    ended = subprocess.run(
        [str(python), "-c", code, *words], cwd="/", env=env, input=given, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_wheel_carries_code_and_knowledge_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bot"}
    shipped = {name.removeprefix("bot/_knowledge/") for name in names if name.startswith("bot/_knowledge/")}
    here = {path.relative_to(ROOT / "knowledge").as_posix() for path in (ROOT / "knowledge").rglob("*.yaml")}
    assert here <= shipped
    assert any(name.startswith("trials/") for name in shipped)
    assert {"bot/py.typed", "bot/storage/migrations/env.py", "bot/answering/weights.json"} <= set(names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".sqlite3", ".env", ".pyc"))]


def test_the_console_script_points_at_the_command_line(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "nextstep = bot.__main__:main" in archive.read(entry).decode()


def test_installed_it_answers_from_any_folder_with_its_own_knowledge(python: Path) -> None:
    where = run(python, code="import bot; print(bot.__file__)")
    assert str(python.parent.parent) in where
    row = json.loads(run(python, "ask", "--json", "what is lithium?"))
    assert (row["kind"], row["entries"]) == ("answer", ["lithium"])


def test_installed_it_answers_lines_in_order(python: Path) -> None:
    given = "".join(json.dumps({"text": text}) + "\n" for text in ("what is ECT?", "what is lithium?")) + "nonsense\n"
    rows = [json.loads(line) for line in run(python, "batch", given=given).splitlines()]
    assert [row.get("entries", row["kind"]) for row in rows] == [["ect"], ["lithium"], "error"]


def test_installed_it_makes_its_database(python: Path, tmp_path: Path) -> None:
    code = f"""
import asyncio
from pathlib import Path
from bot.storage import open_database
async def go():
    await (await open_database(Path({str(tmp_path / "x.sqlite3")!r}))).close()
asyncio.run(go())
"""
    run(python, code=code)
    assert (tmp_path / "x.sqlite3").exists()
