"""The command line: what it prints, and the exit codes that scripts rely on."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import Settings
from bot.knowledge.locating import packaged
from tests.knowledge.examples import Folder
from tests.small import make_folder


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("small") / "knowledge")


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    folder: Folder,
) -> Run:
    """Runs ``nextstep`` on the small knowledge, with its own cache and no settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NEXTSTEP_KNOWLEDGE", str(folder.path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cli-cache"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)

    def running(*words: str, given: str | bytes = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["nextstep", *words])
        raw = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        code: int | str | None = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        caught = capsys.readouterr()
        assert "Traceback" not in caught.out + caught.err
        return Ended(code if isinstance(code, int) else 0, caught.out, caught.err)

    return running


def test_an_answer_exits_with_0(run: Run) -> None:
    ended = run("ask", "what is lithium")
    assert ended.code == 0
    assert "Lithium is a mood stabilizer" in ended.out
    assert "(NICE, 2022)" in ended.out


def test_what_is_not_known_exits_with_1(run: Run) -> None:
    ended = run("ask", "how many moons has jupiter")
    assert ended.code == 1
    assert "I do not have an answer" in ended.out


def test_a_crisis_exits_with_0_and_shows_lines_of_the_country(run: Run) -> None:
    ended = run("ask", "--country", "gb", "i want to end it tonight")
    assert ended.code == 0
    assert "116 123" in ended.out


def test_json_is_one_row_of_the_protocol(run: Run) -> None:
    row = json.loads(run("ask", "--json", "what is lithium").out)
    assert (row["kind"], row["entries"], row["facet"]) == ("answer", ["lithium"], "overview")


def test_why_shows_rules_and_figures(run: Run) -> None:
    out = run("ask", "--why", "does lithium make your hands shake").out
    assert "screening" in out
    assert "decision" in out
    assert "confidence" in out or "names" in out


@pytest.mark.parametrize(
    "words", [("ask",), ("ask", "--no-such", "x"), ("nonsense",), ("ask", "--country", "England", "x")]
)
def test_bad_usage_exits_with_2(run: Run, words: tuple[str, ...]) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert ended.err


def test_define_knows_names_exactly(run: Run) -> None:
    row = json.loads(run("define", "--json", "Priadel").out)
    assert (row["entries"], row["facet"]) == (["lithium"], "overview")
    assert run("define", "zzzz").code == 1


def test_lines_need_no_knowledge(run: Run) -> None:
    ended = run("lines", "gb", "--knowledge", "nowhere")
    assert ended.code == 0
    assert "116 123" in ended.out
    assert run("lines", "England").code == 2


def test_batch_answers_in_order_and_names_bad_rows_by_line(run: Run) -> None:
    given = b"\n".join(
        [
            b'{"text": "what is lithium", "conversation": "c", "at": "2026-11-23T10:00:00Z"}',
            b"not json",
            b"",
            b'{"text": "does lithium make your hands shake", "conversation": "c", "at": "2026-11-23T10:01:00Z"}',
            b'{"text": 7}',
            b"[1]",
            b"\xff\xfe",
            b'{"text": "x", "mode": "shouted"}',
            b'{"text": "x", "country": "England"}',
            b'{"text": "x", "at": "yesterday"}',
            b'{"text": "x", "conversation": 3}',
            b"[" * 100_000,
            b'{"text": "i want to end it tonight", "mode": "overheard"}',
        ]
    )
    ended = run("batch", given=given)
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [(row["kind"], row.get("line")) for row in rows] == [
        ("answer", None),
        ("error", 2),
        ("answer", None),
        *[("error", line) for line in range(5, 13)],
        ("support", None),
    ]
    assert rows[0]["entries"] == rows[2]["entries"] == ["lithium"]
    assert all(row["message"] for row in rows if row["kind"] == "error")


def test_chat_works_when_piped(run: Run) -> None:
    ended = run(
        "chat", given="what is lithium\n/sources\n/why\n/nonsense\n1\n/country gb\n/lines\n/quit\nwhat is lithium\n"
    )
    assert ended.code == 0
    assert "not an emergency service" in " ".join(ended.out.split())
    assert ended.out.count("Lithium is a mood stabilizer") == 1
    assert "116 123" in ended.out
    assert "/define WORD" in ended.out


def test_check_is_content_with_a_sound_folder(run: Run, tmp_path: Path) -> None:
    sound = make_folder(tmp_path / "sound")
    shutil.copytree(packaged() / "safety", sound.path / "safety")
    ended = run("check", "--knowledge", str(sound.path))
    assert "0 errors" in ended.out
    assert ended.code == 0


def test_check_names_every_problem_with_file_and_line(run: Run, tmp_path: Path) -> None:
    broken = make_folder(tmp_path / "broken")
    broken.write("definitions/tms.yaml", "id: tms\nkind: definition\ntitle: [\n")
    broken.append("definitions/lithium.yaml", "colour: blue\n")
    broken.append("sources.yaml", "nice-ng222:\n  title: Twice\n")
    ended = run("check", "--knowledge", str(broken.path))
    assert ended.code == 2
    found = re.findall(r"^(\S+\.yaml):(\d+) ([A-Z]\d\d) (.+)$", ended.out, re.MULTILINE)
    assert {Path(path).name for path, *_ in found} >= {"tms.yaml", "lithium.yaml", "sources.yaml"}
    assert all(int(line) > 0 and message for _, line, _, message in found)


def test_format_check_changes_nothing_and_format_mends(run: Run, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "untidy")
    path = folder.path / "definitions" / "lithium.yaml"
    untidy = path.read_text().replace("title: Lithium", "title:    'Lithium'")
    path.write_text(untidy)
    checked = run("format", "--check", "--knowledge", str(folder.path))
    assert checked.code == 2
    assert "lithium.yaml" in checked.out
    assert path.read_text() == untidy
    assert run("format", "--knowledge", str(folder.path)).code == 0
    assert "title: Lithium\n" in path.read_text()
    assert run("format", "--check", "--knowledge", str(folder.path)).code == 0


def test_format_says_which_file_it_cannot_read(run: Run) -> None:
    ended = run("format", "nowhere.yaml")
    assert ended.code == 2
    assert "nowhere.yaml" in ended.err


def test_stats_count_entries(run: Run) -> None:
    figures = json.loads(run("stats", "--json").out)
    assert 2 in figures.values() or any(
        isinstance(value, dict) and sum(value.values()) == 2 for value in figures.values()
    )
    assert run("stats").code == 0


def test_schema_writes_what_editors_use(run: Run, tmp_path: Path) -> None:
    assert run("schema", str(tmp_path / "schema")).code == 0
    assert "properties" in json.loads((tmp_path / "schema" / "entry.json").read_text())


def test_evaluate_counts_rows_and_names_bad_ones(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "what is lithium", "expect": ["lithium"], "facet": "overview", "style": "plain"}\n')
    found = json.loads(run("evaluate", "--json", str(rows)).out)
    assert found["answers"]["in_scope"]["right"]["share"] == 1.0
    rows.write_text("{}\nnonsense\n")
    ended = run("evaluate", str(rows))
    assert ended.code == 2
    assert "rows.jsonl:1" in ended.err
    assert "rows.jsonl:2" in ended.err


def test_run_without_a_token_says_how_to_get_one(run: Run) -> None:
    ended = run("run")
    assert ended.code == 78
    assert "DISCORD_TOKEN" in ended.err
    assert "discord.com/developers" in ended.err
    assert "nextstep chat" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_wrong_setting_is_named_and_exits_with_78(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTSTEP_METRICS_PORT", "many")
    ended = run("run")
    assert ended.code == 78
    assert "NEXTSTEP_METRICS_PORT" in ended.err


def test_broken_settings_do_not_keep_a_crisis_waiting(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEXTSTEP_COUNTRY", "nowhere at all")
    monkeypatch.setenv("NEXTSTEP_DATABASE", str(tmp_path))
    monkeypatch.setenv("NEXTSTEP_KNOWLEDGE", str(tmp_path / "none"))
    row = json.loads(run("ask", "--json", "i want to end it tonight").out)
    assert (row["kind"], row["level"]) == ("support", "crisis")
    assert row["lines"]


def test_the_program_runs_as_a_process_of_its_own(tmp_path: Path, folder: Folder) -> None:
    env = {**os.environ, "NEXTSTEP_KNOWLEDGE": str(folder.path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "how many moons has jupiter"],
        cwd=Path(__file__).resolve().parent.parent, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert "I do not have an answer" in ended.stdout


@pytest.mark.parametrize(("chosen", "expected"), [({}, {1}), ({"OPENBLAS_NUM_THREADS": "2"}, {2})])
def test_numbers_are_worked_out_in_one_thread_unless_an_operator_wants_more(
    chosen: dict[str, str], expected: set[int]
) -> None:
    asked = "from bot.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
    told = "import threadpoolctl\nprint(*(one['num_threads'] for one in threadpoolctl.threadpool_info()))"
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", asked + told, "--version"],
        env={**inherited, **chosen}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {int(number) for number in done.stdout.splitlines()[-1].split()} == {
        min(one, os.cpu_count() or 1) for one in expected
    }
