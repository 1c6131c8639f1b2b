"""The commands, as a maintainer types them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.edits_cli import edits_app, export_command, import_command, insights_command
from bot.errors import EditError, StorageError, UsageError
from bot.storage.database import open_database
from bot.storage.feedback import Feedback
from tests.editing.room import BEN, Room, knowledge_folder

SALTS = """\
salts:
  title: On salts
  authors: A. Writer
  publisher: Salt Press
  year: 2019
  url: https://example.org/salts
  kind: review
  checked: read
"""
app = typer.Typer()
app.add_typer(edits_app, name="edits")
app.command("export")(export_command)
app.command("import")(import_command)
app.command("insights")(insights_command)


class Terminal:
    """A knowledge folder, a database, and commands on both."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.files = knowledge_folder(home / "knowledge")
        self.at_work(_nothing)

    def at_work(self, work: Callable[[Room], Awaitable[None]]) -> None:
        """What a running bot did."""

        async def run() -> None:
            database = await open_database(self.home / "bot.db")
            try:
                room = Room(self.files, database)
                await room.publisher.start()
                await work(room)
            finally:
                await database.close()

        asyncio.run(run())

    def run(self, *words: str) -> Result:
        named = ["--database", str(self.home / "bot.db")]
        if words[:2] != ("edits", "list"):
            named += ["--knowledge", str(self.files.path)]
        return CliRunner().invoke(app, [*words, *named])

    def said(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exception is None, result.exception
        return result.output


async def _nothing(room: Room) -> None: ...


async def _approve_all(room: Room) -> None:
    for edit in await room.edits.open():
        await room.desk.approve(edit, BEN, read=False)


async def _propose(room: Room) -> None:
    await room.proposed()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_proposal_is_listed_shown_published_and_exported(terminal: Terminal) -> None:
    terminal.at_work(_propose)
    assert "1  proposed          entry lithium" in terminal.said("edits", "list")
    shown = terminal.said("edits", "show", "1")
    assert "propose by editor: clearer" in shown
    assert "+ Lithium is a salt that some people take" in shown
    assert "is published" in terminal.said("edits", "publish", "1", "--read")
    before = (terminal.files.path / "definitions/lithium.yaml").read_text()
    assert "change  definitions/lithium.yaml\n1 files would be written." in terminal.said(
        "edits", "export", "--dry-run"
    )
    assert (terminal.files.path / "definitions/lithium.yaml").read_text() == before
    assert "1 files were written." in terminal.said("export", "lithium")
    assert "by: editor" in (terminal.files.path / "definitions/lithium.yaml").read_text()
    assert "0 files" in terminal.said("export")


def test_what_a_clinician_has_to_approve_is_not_published_from_here(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.at_work(_propose)
    monkeypatch.setenv("NEXTSTEP_CLINICIAN_FOR_HIGH_STAKES", "true")
    refused = terminal.run("edits", "publish", "1", "--read")
    assert isinstance(refused.exception, EditError)
    assert "a clinician has to approve" in str(refused.exception)
    assert "1  proposed          entry lithium" in terminal.said("edits", "list")
    monkeypatch.setenv("NEXTSTEP_CLINICIAN_FOR_HIGH_STAKES", "false")
    assert "is published" in terminal.said("edits", "publish", "1")


def test_an_import_is_a_proposal_and_nobody_approves_their_own(terminal: Terminal, tmp_path: Path) -> None:
    mine = tmp_path / "lithium.yaml"
    text = (terminal.files.path / "definitions/lithium.yaml").read_text()
    mine.write_text(text.replace("A diary can help", "A note can help").replace("by: none", "by: clinician"))
    dry = terminal.said("import", str(mine), "--dry-run")
    assert "+ A note can help to notice changes [practice]." in dry
    assert "0 edits." in terminal.said("edits", "list")
    assert "lithium: proposed as edit 1." in terminal.said("import", str(mine))
    assert "clinician" not in terminal.said("edits", "show", "1"), "a file's signature is not taken over"
    refused = terminal.run("edits", "publish", "1")
    assert isinstance(refused.exception, EditError)
    assert "You wrote this edit" in str(refused.exception)
    mine.write_text(text)
    assert "nothing to change" in terminal.said("import", str(mine))
    mine.write_text(text.replace("@nhs-lithium", "@nowhere"))
    assert "that has these sources too: nowhere" in terminal.said("import", str(mine))
    mine.write_text("id: lithium\n")
    assert isinstance(terminal.run("import", str(mine)).exception, UsageError)


def test_what_was_exported_is_imported_again_with_its_redirects_and_sources(terminal: Terminal, tmp_path: Path) -> None:
    away = Path(shutil.copytree(terminal.files.path, tmp_path / "away"))
    names = ("definitions/lithium.yaml", "redirects/personal-dose.yaml", "sources.yaml")
    page, redirect, sources = (away / name for name in names)
    page.write_text(page.read_text().replace("A diary can help", "A note can help").replace("@nhs-lithium", "@salts"))
    sources.write_text(sources.read_text() + SALTS)
    redirect.write_text(redirect.read_text().replace("pharmacist can say", "pharmacist can tell"))
    named = [str(page), str(redirect), str(sources)]
    dry = terminal.said("import", *named, "--dry-run")
    assert "entry lithium" in dry
    assert "redirect personal-dose" in dry
    assert "source salts" not in dry, "it goes with the page that cites it"
    said = terminal.said("import", *named)
    assert said.splitlines() == ["lithium: proposed as edit 1.", "personal-dose: proposed as edit 2."]
    again = terminal.said("import", *named)
    assert again.splitlines() == ["lithium: waits already as edit 1.", "personal-dose: waits already as edit 2."]
    terminal.at_work(_approve_all)
    assert "Nothing to change" in terminal.said("import", str(sources))
    assert "nothing to change" in terminal.said("import", str(redirect))
    renamed = tmp_path / "anything.yaml"
    renamed.write_text(redirect.read_text().replace("can tell", "can explain"))
    assert "personal-dose: proposed as edit 3." in terminal.said("import", str(renamed))


def test_reading_works_beside_a_running_bot_and_writing_says_why_not(terminal: Terminal) -> None:
    outcomes: list[Result] = []

    async def look(room: Room) -> None:
        await room.proposed()
        outcomes.append(await asyncio.to_thread(terminal.run, "edits", "list"))
        outcomes.append(await asyncio.to_thread(terminal.run, "edits", "publish", "1"))

    terminal.at_work(look)
    listed, published = outcomes
    assert "proposed" in listed.output
    assert isinstance(published.exception, StorageError)
    assert "already used by another NextStep process" in str(published.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("edits", "show", "0"), "There is no edit 0"),
        (("edits", "show", "9" * 30), "There is no edit 999"),
        (("edits", "publish", "9" * 30), "There is no edit 999"),
        (("export", "nonsense", "lithium"), "Nothing is published or hidden of lithium, nonsense"),
        (("insights", "--png", "/nowhere/month.png"), "/nowhere/month.png cannot be written"),
    ],
)
def test_nonsense_is_answered_in_a_sentence(terminal: Terminal, words: tuple[str, ...], says: str) -> None:
    error = terminal.run(*words).exception
    assert isinstance(error, EditError | UsageError), error
    assert says in str(error)


def test_a_folder_that_is_not_there_is_said_so(terminal: Terminal, tmp_path: Path) -> None:
    named = ["--knowledge", str(tmp_path / "nowhere"), "--database", str(terminal.home / "bot.db")]
    for command in (("export",), ("insights",)):
        error = CliRunner().invoke(app, [*command, *named]).exception
        assert isinstance(error, UsageError), error
        assert "There is no knowledge folder at" in str(error)


def test_asks_that_pages_share_are_reported(terminal: Terminal) -> None:
    folder = ["--knowledge", str(terminal.files.path)]
    for name in ("definitions/lithium.yaml", "strategies/adding-lithium.yaml"):
        path = terminal.files.path / name
        path.write_text(path.read_text().replace("asks:\n", "asks:\n  - why does my budgerigar squeak at wardrobes\n"))
    said = CliRunner().invoke(app, ["edits", "duplicates", *folder]).output
    assert said.count("lithium: why does my budgerigar squeak at wardrobes") == 2
    assert "1 pairs of pages." in CliRunner().invoke(app, ["edits", "duplicates", "adding-lithium", *folder]).output
    unknown = CliRunner().invoke(app, ["edits", "duplicates", "nowhere", *folder]).exception
    assert "There is no page nowhere" in str(unknown)


def test_insights_are_text_and_a_picture(terminal: Terminal, tmp_path: Path) -> None:
    async def count(room: Room) -> None:
        for _ in range(6):
            await Feedback(room.database).replied("answer", ("lithium",), int(room.clock().timestamp()))

    terminal.at_work(count)
    picture = tmp_path / "month.png"
    text = terminal.said("insights", "--month", "2026-11", "--png", str(picture))
    assert "November 2026: 6 questions." in text
    assert "Lithium (6)" in text
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert isinstance(terminal.run("insights", "--month", "soon").exception, UsageError)
