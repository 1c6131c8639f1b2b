"""Editing from the terminal: the same steps as in Discord, on the same database.

Reading works while the bot runs, on a copy of the database; writing asks to stop the bot first.
"""

from __future__ import annotations

import asyncio
import getpass
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.editing.checks import complaints_about
from bot.editing.desk import EditDesk, Policy
from bot.editing.differences import difference_text, differences
from bot.editing.drafts import Drafted, as_of
from bot.editing.exporting import Change, export, export_changes, proven
from bot.editing.importing import snapshots_in, to_propose
from bot.editing.model import Actor, Edit, Snapshot, cited_by, content_hash, value_in
from bot.editing.publisher import Publisher
from bot.editing.states import Role
from bot.errors import EditError, UsageError
from bot.knowledge.loading import load_knowledge
from bot.knowledge.locating import locate
from bot.knowledge.model import Knowledge
from bot.storage.backups import copy_to
from bot.storage.database import Database, open_database
from bot.storage.edits import Edits
from bot.storage.feedback import Feedback

T = TypeVar("T")

edits_app = typer.Typer(
    no_args_is_help=True,
    help="List, show, publish and export edits of the knowledge base; report asks that pages share.",
)

KnowledgeFolder = Annotated[
    Path | None, typer.Option("--knowledge", help="Another knowledge folder than the one that came with the program.")
]
DatabaseFile = Annotated[Path | None, typer.Option("--database", help="Another database than NEXTSTEP_DATABASE.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")]
Number = Annotated[int, typer.Argument(help="The edit's number, as `nextstep edits list` shows it.")]


@dataclass(frozen=True, slots=True)
class _Terminal:
    """What a command works with."""

    desk: EditDesk
    edits: Edits
    actor: Actor
    folder: Path


def say(text: str) -> None:
    """Print a line."""
    typer.echo(text)


def _database(named: Path | None) -> Path:
    from bot.config import read_settings  # noqa: PLC0415 - settings are read on request

    return named or read_settings().nextstep_database


def _policy() -> Policy:
    """The deployment's policy, which holds in the terminal too."""
    from bot.config import read_settings  # noqa: PLC0415 - settings are read on request

    return Policy(clinician_for_high_stakes=read_settings().nextstep_clinician_for_high_stakes)


def _today() -> date:
    return datetime.now(UTC).date()


def _on_copy(named: Path | None, work: Callable[[Database], Awaitable[T]]) -> T:
    """Read, also while the bot runs."""
    path = _database(named)
    with tempfile.TemporaryDirectory() as scratch:
        copy = copy_to(path, Path(scratch) / "copy.sqlite3")
        return asyncio.run(_with(copy, work))


async def _with(path: Path, work: Callable[[Database], Awaitable[T]]) -> T:
    database = await open_database(path)
    try:
        return await work(database)
    finally:
        await database.close()


def _at_desk(named: Path | None, knowledge: Path | None, work: Callable[[_Terminal], Awaitable[T]]) -> T:
    """Write: as an editor whose opaque id comes from the account's name."""
    path, policy = _database(named), _policy()

    async def sit(database: Database) -> T:
        edits = Edits(database)
        publisher: Publisher[Knowledge] = Publisher(_folder(knowledge), edits, lambda built: built)
        await publisher.start()
        desk = EditDesk(edits, publisher, lambda: datetime.now(UTC), policy)
        actor = Actor(f"terminal:{getpass.getuser()}"[:40], Role.EDITOR)
        return await work(_Terminal(desk, edits, actor, _folder(knowledge)))

    return asyncio.run(_with(path, sit))


def _row(edit: Edit) -> str:
    when = datetime.fromtimestamp(edit.changed_at, UTC).strftime("%Y-%m-%d %H:%M")
    why = " ".join(edit.why.split())
    return f"{edit.id:>5}  {edit.state:<17} {edit.place.subject} {edit.place.key:<40} {when}  {why[:60]}"


@edits_app.command("list")
def list_edits(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    database: DatabaseFile = None,
) -> None:
    """What waits for a decision, is published, or is hidden."""

    async def read(opened: Database) -> tuple[Edit, ...]:
        edits = Edits(opened)
        return await edits.latest(500) if everything else (*await edits.open(), *await edits.standing())

    found = _on_copy(database, read)
    for edit in found:
        say(_row(edit))
    say(f"{len(found)} edits.")


@edits_app.command("show")
def show_edit(number: Number, knowledge: KnowledgeFolder = None, database: DatabaseFile = None) -> None:
    """An edit's history, what it changes against the files, and what the rules say."""

    async def read(opened: Database) -> tuple[Edit, list[str]]:
        edits = Edits(opened)
        edit = await edits.of(number)
        lines = [
            f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M}  {one.step} by {one.role}"
            + (f": {one.why}" if one.why else "")
            for one in await edits.steps(edit.id)
        ]
        return edit, lines

    edit, lines = _on_copy(database, read)
    say(_row(edit))
    for line in lines:
        say(line)
    files = load_knowledge(_folder(knowledge)).knowledge
    snapshot = edit.content()
    base = content_hash(value_in(files, edit.place))
    _show(Drafted(edit.place, snapshot, base, complaints_about(snapshot, files, _today())), files)


def _folder(named: Path | None) -> Path:
    """The knowledge folder, which has to be there."""
    folder = locate(named)
    if not folder.is_dir():
        raise UsageError(f"There is no knowledge folder at {folder}. Check the path.")
    return folder


def _show(drafted: Drafted, files: Knowledge) -> None:
    new = drafted.snapshot.value if drafted.snapshot else None
    say(difference_text(differences(value_in(files, drafted.place), new), context=False))
    for complaint in drafted.complaints:
        say(f"{'must be mended' if complaint.grave else 'worth a look'}  {complaint}")


@edits_app.command("duplicates")
def list_duplicates(
    pages: Annotated[list[str] | None, typer.Argument(help="Only those of these pages.")] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Ways of asking that two pages share, the most alike first; of all pages it takes half a minute."""
    from bot.app import serve  # noqa: PLC0415 - indexes
    from bot.evaluation.duplicates import near_duplicates  # noqa: PLC0415

    answerer = serve(_folder(knowledge)).answerer
    known = {*answerer.knowledge.entries, *(f"redirect:{key}" for key in answerer.knowledge.redirects)}
    unknown = set(pages or ()) - known
    if unknown:
        raise UsageError(f"There is no page {', '.join(sorted(unknown))}. Name pages by their ids.")
    found = near_duplicates(answerer.mind, pages or None)
    for one in found:
        say(f"{one.alike:.2f}  {one.page}: {one.ask}\n      {one.other}: {one.other_ask}")
    say(f"{len(found)} pairs of pages.")


@edits_app.command("publish")
def publish_edit(
    number: Number,
    read: Annotated[
        bool, typer.Option("--read", help="I have read the whole entry through: sign it as editor.")
    ] = False,
    why: Annotated[str, typer.Option("--why", help="The reason, for the history.")] = "",
    knowledge: KnowledgeFolder = None,
    database: DatabaseFile = None,
) -> None:
    """Approve another's proposed edit. Nobody can approve their own; clinicians approve and sign in Discord only."""

    async def work(terminal: _Terminal) -> Edit:
        edit = await terminal.edits.of(number)
        return await terminal.desk.approve(edit, terminal.actor, read=read, why=why)

    edit = _at_desk(database, knowledge, work)
    say(f"Edit {edit.id} of {edit.place.key} is published. A bot that starts now answers with it.")


@edits_app.command("export")
def export_edits(
    keys: Annotated[list[str] | None, typer.Argument(help="Only these entries or redirects.")] = None,
    dry_run: DryRun = False,
    knowledge: KnowledgeFolder = None,
    database: DatabaseFile = None,
) -> None:
    """Write published edits back into the YAML files: only what changed, in the canonical form."""
    export_command(keys, dry_run, knowledge, database)


def export_command(
    keys: Annotated[list[str] | None, typer.Argument(help="Only these entries or redirects.")] = None,
    dry_run: DryRun = False,
    knowledge: KnowledgeFolder = None,
    database: DatabaseFile = None,
) -> None:
    """Write published edits back into the YAML files: only what changed, in the canonical form."""
    folder = _folder(knowledge)

    async def read(opened: Database) -> tuple[Change, ...]:
        edits = Edits(opened)
        standing = await edits.standing()
        places = frozenset(edit.place for edit in standing if edit.place.key in keys) if keys else None
        lifted = await edits.lifted()
        unknown = set(keys or ()) - {place.key for place in (*(edit.place for edit in standing), *lifted)}
        if unknown:
            raise UsageError(
                f"Nothing is published or hidden of {', '.join(sorted(unknown))}. See `nextstep edits list`."
            )
        return export_changes(folder, standing, lifted, places)

    changes = _on_copy(database, read)
    for change in changes:
        say(f"{change.verb:<7} {change.path}")
    if dry_run:
        for problem in proven(folder, changes, _today()):
            say(str(problem))
    else:
        export(folder, changes, _today())
    say(f"{len(changes)} files {'would be' if dry_run else 'were'} written.")


def import_command(
    files: Annotated[list[Path], typer.Argument(help="Files of pages, redirects or sources (YAML) to propose.")],
    dry_run: DryRun = False,
    why: Annotated[str, typer.Option("--why", help="The reason, for the reviewers.")] = "imported",
    knowledge: KnowledgeFolder = None,
    database: DatabaseFile = None,
) -> None:
    """Propose what YAML files hold; somebody else approves it. What is served or proposed so already is left out."""
    found = snapshots_in((path, _text(path)) for path in files)
    if dry_run:
        served = _served(database, knowledge)
        drafts = [as_of(snapshot, served, _today()) for snapshot in to_propose(found, served)]
        for drafted in drafts:
            say(f"{drafted.place.subject} {drafted.place.key}")
            _show(drafted, served)
        say(f"{len(files)} files looked at; nothing was changed.")
        return

    async def work(terminal: _Terminal) -> list[str]:
        return [await _propose(terminal, snapshot, why) for snapshot in to_propose(found, terminal.desk.knowledge)]

    lines = _at_desk(database, knowledge, work)
    for line in lines or ["Nothing to change."]:
        say(line)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({type(error).__name__}). Name a YAML file.") from error


def _served(named: Path | None, knowledge: Path | None) -> Knowledge:
    """What drafts are written on: the files, with what is published over them where there is a database."""
    folder = _folder(knowledge)
    if not _database(named).exists():
        return load_knowledge(folder).knowledge

    async def read(opened: Database) -> Knowledge:
        publisher: Publisher[Knowledge] = Publisher(folder, Edits(opened), lambda built: built)
        return (await publisher.start()).overlaid.beneath

    return _on_copy(named, read)


async def _propose(terminal: _Terminal, snapshot: Snapshot, why: str) -> str:
    desk = terminal.desk
    drafted = as_of(snapshot, desk.knowledge, _today())
    key = drafted.place.key
    if drafted.snapshot is not None and drafted.snapshot.hash == drafted.base:
        return f"{key}: nothing to change."
    same = [one for one in await terminal.edits.open() if one.place == drafted.place and one.snapshot]
    waiting = [one for one in same if drafted.snapshot and one.content().hash == drafted.snapshot.hash]
    if waiting:
        return f"{key}: waits already as edit {waiting[-1].id}."
    known = {*desk.knowledge.sources, *snapshot.sources}
    unknown = [one for one in cited_by(snapshot.value) if one not in known]
    if unknown:
        return f"{key}: not proposed. Name a sources.yaml that has these sources too: {', '.join(unknown)}."
    try:
        edit = await desk.submit(drafted, terminal.actor, why)
    except EditError as error:
        return f"{key}: not proposed.\n{error}"
    return f"{key}: proposed as edit {edit.id}."


def insights_command(
    month: Annotated[
        str | None, typer.Option("--month", help="Which month, such as 2026-11; this one by default.")
    ] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Write the picture here as well.")] = None,
    knowledge: KnowledgeFolder = None,
    database: DatabaseFile = None,
) -> None:
    """The month in figures, as text and, with --png, as a picture. Counts under 5 are not told."""
    from bot.evaluation.insights import insights, insights_picture, insights_text  # noqa: PLC0415 - draws

    chosen = month or f"{_today():%Y-%m}"
    try:
        date.fromisoformat(f"{chosen}-01")
    except ValueError as error:
        raise UsageError("--month takes a month such as 2026-11.") from error

    async def read(opened: Database) -> Any:
        return await Feedback(opened).months(chosen)

    counts = _on_copy(database, read)
    found = insights(counts, chosen, load_knowledge(_folder(knowledge)).knowledge, _today())
    say(insights_text(found))
    if png is not None:
        try:
            insights_picture(found, png)
        except (OSError, ValueError) as error:
            raise UsageError(f"{png} cannot be written ({type(error).__name__}). Name a .png file.") from error
        say(f"The picture is in {png.name}.")
