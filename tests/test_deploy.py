"""What is shipped beside the program: settings, container, service, locks, make."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

from bot.cli import app
from bot.config import Settings, settings_table
from deploy.licences import GO_TOGETHER, PAGE, packages, page

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAMES = [name.upper() for name in Settings.model_fields]


# --- settings -------------------------------------------------------------------------------------------------------


def example() -> dict[str, str]:
    lines = (DEPLOY / "nextstep.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    assert sorted(example()) == sorted(NAMES)


def test_every_setting_in_the_example_is_explained_above() -> None:
    text = (DEPLOY / "nextstep.env.example").read_text()
    assert [name for name in NAMES if not re.search(rf"^# .+\n{name}=", text, re.MULTILINE)] == []


def test_the_example_as_it_is_means_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    plain = Settings()
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert Settings() == plain


def test_the_pages_have_the_table_of_settings() -> None:
    pages = [
        page for page in (ROOT / "README.md", ROOT / "docs" / "settings.md") if "<!-- settings -->" in page.read_text()
    ]
    assert pages
    for one in pages:
        between = one.read_text().split("<!-- settings -->")[1].split("<!-- /settings -->")[0]
        assert between.strip() == settings_table(), f"{one.name}: copy what bot.config.settings_table() gives"


# --- container ------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def of(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def commands() -> list[list[str]]:
    health = [rest[rest.index("CMD ") + 4 :] for rest in of("HEALTHCHECK")]
    return [json.loads(rest) for rest in [*of("RUN"), *of("CMD"), *of("ENTRYPOINT"), *health]]


def test_nothing_in_the_container_goes_through_a_shell() -> None:
    assert len(commands()) > 8
    assert all(isinstance(command, list) and command for command in commands())
    assert not [command for command in commands() if Path(command[0]).name in {"sh", "bash", "env"}]


def test_every_path_that_the_container_copies_is_there_and_not_ignored() -> None:
    shown = {line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for rest in of("COPY"):
        if rest.startswith("--from="):
            continue
        for path in rest.split()[:-1]:
            assert (ROOT / path).exists(), path
            assert path in shown, path


def test_every_command_of_the_container_exists() -> None:
    from_base = {"python", "useradd", "install"}
    made = {"/opt/build/bin/python", "/opt/nextstep/bin/python", "/opt/nextstep/bin/nextstep", "nextstep", "run"}
    assert {command[0] for command in commands()} <= from_base | made
    assert PROJECT["project"]["scripts"] == {"nextstep": "bot.__main__:main"}
    for word in ("health", "run", "doctor", "backup"):
        assert CliRunner().invoke(app, [word, "--help"]).exit_code == 0, word


def test_the_container_runs_as_a_numbered_user_that_is_not_root() -> None:
    assert [re.fullmatch(r"[1-9]\d*:[1-9]\d*", rest) is not None for rest in of("USER")] == [True]
    last = [name for name, _ in instructions()]
    assert last.index("USER") > len(last) - 1 - last[::-1].index("COPY")


def test_two_stages_pinned_to_the_same_supported_python() -> None:
    images = [rest.split()[0] for rest in of("FROM")]
    assert len(images) == 2
    assert len(set(images)) == 1
    assert re.fullmatch(r"python:3\.1[1-9]-slim", images[0])


def test_the_container_keeps_its_compiled_knowledge_where_it_may_write() -> None:
    (volumes,) = (json.loads(rest) for rest in of("VOLUME"))
    assert re.search(rf"XDG_CACHE_HOME={volumes[0]}/\S+", " ".join(of("ENV")))


def test_no_secret_and_no_registry_is_baked_in() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert not re.search(r"TOKEN|index-url|--trusted-host|https?://", text)


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def test_compose_gives_the_container_as_little_as_it_needs() -> None:
    service = compose()["services"]["nextstep"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service
    assert "privileged" not in service
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"


def test_compose_writes_only_where_it_may() -> None:
    service = compose()["services"]["nextstep"]
    writable = [volume.split(":")[1] for volume in service["volumes"]] + [one.split(":")[0] for one in service["tmpfs"]]
    for name in ("NEXTSTEP_DATABASE", "NEXTSTEP_HEALTH_FILE"):
        assert any(service["environment"][name].startswith(place + "/") for place in writable)
    assert set(service["environment"]) <= set(NAMES)


# --- service --------------------------------------------------------------------------------------------------------

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_service_is_exposed_at_most_2(unit: Path) -> None:
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", str(unit)], capture_output=True, text=True, check=False
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert level is not None, told.stdout + told.stderr
    assert float(level[1]) <= 2.0


@needs_systemd
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for unit in [*UNITS, *DEPLOY.glob("*.timer")]:
        text = re.sub(r"/opt/nextstep/bin/nextstep", shutil.which("true") or "/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


def lines(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)


def test_the_service_does_not_loop_on_a_wrong_token_and_is_watched() -> None:
    unit = "nextstep.service"
    assert lines(unit, "RestartPreventExitStatus") == ["78"]
    assert lines(unit, "Type") == ["notify"]
    assert int(lines(unit, "WatchdogSec")[0]) >= 3 * 15
    assert lines(unit, "LoadCredential") == ["token:/etc/nextstep/token"]
    assert "DISCORD_TOKEN_FILE=%d/token" in lines(unit, "Environment")
    assert any("XDG_CACHE_HOME=%C" in line for line in lines(unit, "Environment"))
    assert lines(unit, "CacheDirectory") == ["nextstep"], "where the program keeps its compiled knowledge"
    assert lines(unit, "ExecStart") == ["/opt/nextstep/bin/nextstep run"]


def test_the_daily_backup_is_a_command_that_exists() -> None:
    (line,) = lines("nextstep-backup.service", "ExecStart")
    assert shlex.split(line)[1:4] == ["backup", "--keep", "14"]
    for unit in UNITS:
        assigned = {part.split("=")[0] for line in lines(unit.name, "Environment") for part in line.split()}
        assert {name for name in assigned if name.startswith(("NEXTSTEP", "DISCORD"))} <= set(NAMES)


# --- locks and licences ---------------------------------------------------------------------------------------------


def locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (DEPLOY / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-build.txt", "requirements-dev.txt"])
def test_a_lock_has_a_hash_for_everything_and_no_address(name: str) -> None:
    text = (DEPLOY / name).read_text()
    blocks = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"://|^-|--(extra-)?index|--find-links|/work|/tmp", text, re.MULTILINE)


def wanted(items: list[Any]) -> set[str]:
    return {canonicalize_name(Requirement(item).name) for item in items if isinstance(item, str)}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    groups = PROJECT["dependency-groups"]
    assert wanted(PROJECT["project"]["dependencies"]) <= locked("requirements.txt")
    assert wanted(groups["build"]) <= locked("requirements-build.txt")
    assert wanted(groups["dev"]) | locked("requirements.txt") | wanted(groups["build"]) <= locked(
        "requirements-dev.txt"
    )


def test_every_licence_of_what_is_shipped_is_known_and_goes_with_ours() -> None:
    found = packages()
    assert [one for one in found if not one.parts or not set(one.parts) <= GO_TOGETHER] == []
    assert page(found) == PAGE.read_text(), "run make papers"


def test_nothing_that_is_shipped_came_with_the_tests_only() -> None:
    assert not locked("requirements.txt") & {"pytest", "mypy", "ruff", "simcord", "hatchling"}


# --- make -----------------------------------------------------------------------------------------------------------

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")


def make(*words: str, folder: Path = ROOT) -> str:
    env = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "VENV"}
    }
    return subprocess.run(["make", *words], cwd=folder, env=env, capture_output=True, text=True, check=True).stdout


@needs_make
def test_make_makes_its_environment_once_and_again_when_the_lock_changes(tmp_path: Path) -> None:
    for path in ("Makefile", "pyproject.toml", "deploy/requirements-dev.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    makes = "environment.sh"
    assert makes in make("-n", "chat", folder=tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert makes in make("-n", "chat", folder=tmp_path), "an environment from elsewhere is not trusted"
    mark = re.search(r"echo '(.*)' > ", make("-n", "chat", folder=tmp_path))
    assert mark is not None
    (tmp_path / ".venv" / ".made-for").write_text(mark[1] + "\n")
    assert makes not in make("-n", "chat", folder=tmp_path)
    moved = Path(shutil.move(tmp_path, tmp_path.with_name(tmp_path.name + "-moved")))
    assert makes in make("-n", "chat", folder=moved), "moved elsewhere"
    shutil.move(moved, tmp_path)
    with (tmp_path / "deploy" / "requirements-dev.txt").open("a") as lock:
        lock.write("\n")
    assert makes in make("-n", "chat", folder=tmp_path)
    (tmp_path / ".venv" / "bin" / "python").unlink()
    assert makes in make("-n", "chat", folder=tmp_path)


@needs_make
def test_every_target_is_listed_and_its_environment_comes_first() -> None:
    listed = re.findall(r"make (\w+)\t", make("help"))
    assert {"chat", "test", "check", "format", "bench", "soak", "demo", "lock", "evaluate"} <= set(listed)
    for target in set(listed) - {"help", "lock", "clean"}:
        assert re.search(rf"^{target}: \$\(MARK\)", (ROOT / "Makefile").read_text(), re.MULTILINE), target


def test_the_script_for_every_change_asks_nothing() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "make check test" in script
    assert "< /dev/null" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for file in (ROOT / ".ci" / "run", DEPLOY / "environment.sh"):
        shell = "bash" if file.name == "run" else "sh"
        assert subprocess.run([shell, "-n", str(file)], check=False).returncode == 0
