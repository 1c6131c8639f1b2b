"""Compiled copies: never stale, never trusted when others could have written them, never in the way."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bot.compiled import cache_folder, compiled, fingerprint


@dataclass
class Builder:
    """Counts how often something had to be built."""

    made: list[str] = field(default_factory=list)

    def __call__(self) -> list[str]:
        self.made.append("made")
        return ["answers", str(len(self.made))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "knowledge"
    made.mkdir()
    (made / "lithium.yaml").write_text("id: lithium\n")
    return made


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_the_second_time_the_copy_is_used(folder: Path, cache: Path) -> None:
    build = Builder()
    assert compiled(folder, build, cache) == compiled(folder, build, cache) == ["answers", "1"]
    assert len(build.made) == 1


def test_a_changed_new_or_renamed_file_makes_another_copy(folder: Path, cache: Path) -> None:
    build = Builder()
    seen = {fingerprint(folder)}
    compiled(folder, build, cache)
    (folder / "lithium.yaml").write_text("id: Lithium\n")
    seen.add(fingerprint(folder))
    (folder / "tms.yaml").write_text("id: tms\n")
    seen.add(fingerprint(folder))
    (folder / "tms.yaml").rename(folder / "ect.yaml")
    seen.add(fingerprint(folder))
    (folder / "faqs").mkdir()
    (folder / "ect.yaml").rename(folder / "faqs" / "ect.yaml")
    seen.add(fingerprint(folder))
    assert len(seen) == 5
    assert compiled(folder, build, cache) == ["answers", "2"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x05broken"])
def test_a_broken_copy_is_built_afresh(folder: Path, cache: Path, content: bytes) -> None:
    build = Builder()
    compiled(folder, build, cache)
    (copy,) = cache.glob("*.pickle")
    copy.write_bytes(content)
    assert compiled(folder, build, cache) == ["answers", "2"]
    assert compiled(folder, build, cache) == ["answers", "2"]


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702])
def test_a_folder_that_others_may_write_is_not_trusted(folder: Path, cache: Path, mode: int) -> None:
    build = Builder()
    compiled(folder, build, cache)
    cache.chmod(mode)
    assert compiled(folder, build, cache) == ["answers", "2"]


def test_a_copy_that_others_may_write_is_not_trusted(folder: Path, cache: Path) -> None:
    build = Builder()
    compiled(folder, build, cache)
    (copy,) = cache.glob("*.pickle")
    copy.chmod(0o666)
    assert compiled(folder, build, cache) == ["answers", "2"]


def test_the_copy_is_for_its_user_alone(folder: Path, cache: Path) -> None:
    compiled(folder, Builder(), cache)
    (copy,) = cache.glob("*.pickle")
    assert cache.stat().st_mode & 0o077 == 0
    assert copy.stat().st_mode & 0o077 == 0


def test_only_the_newest_few_are_kept(folder: Path, cache: Path) -> None:
    for number in range(6):
        (folder / "lithium.yaml").write_text(f"id: lithium{number}\n")
        compiled(folder, Builder(), cache)
        newest = max(cache.glob("*.pickle"), key=lambda copy: copy.stat().st_ino)
        os.utime(newest)
    assert len(list(cache.glob("*"))) == 3


def test_what_a_killed_process_left_half_written_goes_and_what_is_being_written_stays(
    folder: Path, cache: Path
) -> None:
    cache.mkdir(mode=0o700)
    left, fresh = cache / "left.part", cache / "fresh.part"
    for half in (left, fresh):
        half.write_bytes(b"half")
    os.utime(left, (0, 0))
    compiled(folder, Builder(), cache)
    assert (left.exists(), fresh.exists()) == (False, True)


def test_tables_come_back_as_they_were_and_what_is_written_to_them_stays_out_of_the_copy(
    folder: Path, cache: Path
) -> None:
    tables: dict[str, npt.NDArray[Any]] = {
        "halves": np.arange(6, dtype=np.float16).reshape(2, 3),
        "none": np.zeros((0, 4)),
        "ids": np.arange(3),
    }
    compiled(folder, lambda: tables, cache)
    for _ in range(2):
        again: dict[str, npt.NDArray[Any]] = compiled(folder, dict, cache)
        assert {name: table.tolist() for name, table in again.items()} == {
            name: table.tolist() for name, table in tables.items()
        }
        assert [table.dtype for table in again.values()] == [table.dtype for table in tables.values()]
        again["halves"][:] = 7


def test_a_copy_that_lacks_its_end_is_built_afresh(folder: Path, cache: Path) -> None:
    compiled(folder, lambda: [np.arange(1000)], cache)
    (copy,) = cache.glob("*.pickle")
    copy.write_bytes(copy.read_bytes()[:-1000])
    assert compiled(folder, Builder(), cache) == ["answers", "1"]


def test_what_cannot_be_kept_is_served_all_the_same(folder: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert compiled(folder, Builder(), blocked / "cache") == ["answers", "1"]

    def one() -> int:
        return 1

    (got,) = compiled(folder, lambda: [one], tmp_path / "cache")
    assert got() == 1
    assert not list((tmp_path / "cache").glob("*"))


def test_the_cache_folder_follows_the_users_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "nextstep"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache_folder() == tmp_path / "me" / ".cache" / "nextstep"
