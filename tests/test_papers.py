"""The papers say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import edits_cli
from bot.cli import app
from bot.client.interface import load_interface
from bot.storage import described
from deploy.papers import ROOT, filled, pages

DOCS = sorted((ROOT / "docs").glob("*.md"))
PAPERS = [*DOCS, ROOT / "SECURITY.md"]


def paper(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_the_tables_in_the_papers_are_those_of_the_program() -> None:
    old = [page.name for page in pages() if filled(text := page.read_text(encoding="utf-8")) != text]
    assert old == [], "run make papers"


def test_the_privacy_policy_names_every_column_that_is_stored() -> None:
    text = paper("privacy.md")
    assert [
        kept for kept in described() if f"**`{kept.table}`**" not in text or f"| `{kept.column}` |" not in text
    ] == []
    assert "<!-- stored -->" in text


@pytest.mark.parametrize("name", ["privacy.md", "terms.md"])
def test_a_template_says_which_blanks_to_fill_in(name: str) -> None:
    text = paper(name)
    assert text.count("[[") == text.count("]]") >= 4
    assert "template" in text
    assert "developer portal" in text


def test_the_pinned_message_fits_into_one_message() -> None:
    (message,) = re.findall(r"```text\n(.*?)```", paper("pinned-message.md"), re.DOTALL)
    assert 500 < len(message) <= 2000


@pytest.mark.parametrize("name", ["terms.md", "what-this-bot-is-not.md", "pinned-message.md"])
def test_members_read_that_it_is_no_emergency_service(name: str) -> None:
    text = " ".join(paper(name).split())
    assert re.search(r"not an emergency service", text)
    assert "112, 911 or 999" in text
    assert "/help-lines" in text
    assert re.search(r"English( only)?", text)
    assert re.search(r"misses people|miss people", text)


def test_every_command_that_the_papers_name_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot" / "client").rglob("*.py")))
    known = set(re.findall(r"""(?:command|Group)\(\s*name="([a-z-]+)\"""", code)) | {"help-lines"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAPERS)
    named = set(re.findall(r"(?:`|\*\*|\s)/([a-z-]+(?: [a-z-]+)?)(?=`|\*\*)", text))
    assert len(named) > 5
    assert {word for words in named for word in words.split()} <= known


def test_every_link_between_the_papers_leads_somewhere() -> None:
    for page in [*PAPERS, *(path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if path.exists())]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_guide_for_moderators_stays_two_pages() -> None:
    assert len(paper("moderators.md").split()) <= 1100


def test_the_guide_for_moderators_shows_and_names_what_they_will_see() -> None:
    text = paper("moderators.md")
    shown = re.findall(r"!\[([^\]]+)\]\(pictures/([\w-]+)\.png\)", text)
    assert {name for _, name in shown} == {"setup", "setup-people", "alert"}
    assert all(len(described) > 60 for described, _ in shown)
    words = load_interface().texts.values()
    for name in ("I'm on it", "False alarm", "What to do", "Why this answer?", "Remove", "Not helpful", "Run test"):
        assert name in text
        assert name in words
    for name in ("Answer here", "Watch for danger here", "Alerts"):
        assert f"**{name}**" in text
        assert any(f"**{name}.**" in said for said in words)


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: Path(path).name)
def test_papers_speak_of_the_product_alone(path: Path) -> None:
    assert not re.search(r"/work\b|/tmp\b|\.\./shared|localhost", path.read_text(encoding="utf-8"))


def test_every_command_line_that_the_papers_name_exists() -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {group.name for group in app.registered_groups if group.name}
    known |= {"edits", *(name.removesuffix("_command") for name in vars(edits_cli) if name.endswith("_command"))}
    pages = [*PAPERS, *sorted((ROOT / "deploy").glob("nextstep*")), ROOT / "deploy" / "compose.yaml"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    named = set(re.findall(r"(?:`|bin/)nextstep ([a-z]+)", text))
    assert {"run", "doctor", "health", "backup", "restore"} <= named <= known
