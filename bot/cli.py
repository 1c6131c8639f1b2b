"""The command line. Each command is a thin door to a box; errors end in one sentence and a stable exit code."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from bot import running_cli
from bot.answering.model import Choices, Mode, Question, Reply, Unknown
from bot.answering.plain import plain
from bot.answering.protocol import question_from, to_row
from bot.app import Conversations, Served, serve
from bot.errors import BotError, UsageError
from bot.running_cli import Knowledge
from bot.terminal import converse, draw, readable, why_table

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="NextStep: sourced answers for communities that live with treatment-resistant depression.",
)

Country = Annotated[
    str | None, typer.Option("--country", help="Two-letter country for crisis lines and regional notes, such as GB.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


_LIGHT: Final = frozenset({"chat", "ask", "define", "batch", "lines"})
"""Commands that start without the editing room, so that an answer does not wait for a database library."""


def _open_editing() -> None:
    """Add the commands about edits; they bring the database and are left out where they are not wanted."""
    from bot.edits_cli import edits_app, export_command, import_command, insights_command  # noqa: PLC0415

    app.add_typer(edits_app, name="edits")
    app.command("export")(export_command)
    app.command("import")(import_command)
    app.command("insights")(insights_command)


def main() -> None:
    """The console script."""
    if not _LIGHT.intersection(sys.argv[1:2]):
        _open_editing()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        app(standalone_mode=True)
    except BotError as error:
        print(f"nextstep: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


def _served(knowledge: Path | None) -> Served:
    served = serve(knowledge)
    for problem in served.problems[:20]:
        print(f"nextstep: {problem}", file=sys.stderr)
    if len(served.problems) > 20:
        print(f"nextstep: … and {len(served.problems) - 20} more; run nextstep check.", file=sys.stderr)
    return served


def _country(value: str | None) -> str | None:
    if value is not None and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise UsageError("--country takes a two-letter code such as GB.")
    return value.upper() if value else None


def _exit_code(reply: Reply) -> int:
    return 1 if isinstance(reply, Unknown | Choices) else 0


@app.command()
def chat(knowledge: Knowledge = None, country: Country = None) -> None:
    """Talk with NextStep in this terminal."""
    converse(_served(knowledge).answerer, _country(country))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question, in your own words.")],
    knowledge: Knowledge = None,
    country: Country = None,
    as_json: AsJson = False,
    why: Annotated[bool, typer.Option("--why", help="Show the rules, ids and figures that led to the reply.")] = False,
) -> None:
    """Ask one question. Exit 0 for a reply, 1 when it is unknown or asked back."""
    served = _served(knowledge)
    reply, _ = served.answerer.reply(Question(text, datetime.now(UTC), country=_country(country)))
    _print(reply, served.answerer.revision, as_json, why)
    raise typer.Exit(_exit_code(reply))


def _print(reply: Reply, revision: str, as_json: bool, why: bool) -> None:
    console = Console()
    if as_json:
        print(json.dumps(to_row(reply, revision), ensure_ascii=False))
        return
    if console.is_terminal:
        console.print(draw(reply))
    else:
        print(plain(reply))
    if why:
        console.print(why_table(reply.why))


@app.command()
def define(
    term: Annotated[str, typer.Argument(help="A word, medicine or abbreviation.")],
    knowledge: Knowledge = None,
    country: Country = None,
    as_json: AsJson = False,
) -> None:
    """What a word or medicine is."""
    served = _served(knowledge)
    reply, _ = served.answerer.define(term, datetime.now(UTC), _country(country))
    _print(reply, served.answerer.revision, as_json, why=False)
    raise typer.Exit(_exit_code(reply))


@app.command()
def batch(knowledge: Knowledge = None) -> None:
    """JSON lines in, JSON lines out, in order."""
    served = _served(knowledge)
    conversations = Conversations()
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if raw.strip():
            print(json.dumps(_batch_row(served, conversations, raw, number), ensure_ascii=False), flush=True)


def _batch_row(served: Served, conversations: Conversations, raw: bytes, number: int) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode("utf-8"))
        question, key = question_from(data, datetime.now(UTC))
    except UsageError as error:
        return {"kind": "error", "line": number, "message": str(error)}
    except (ValueError, RecursionError):
        return {"kind": "error", "line": number, "message": "the line is not a JSON object in UTF-8"}
    return to_row(conversations.reply(served.answerer, question, key), served.answerer.revision)


@app.command()
def lines(
    country: Annotated[str | None, typer.Argument(help="Two-letter country, such as GB.")] = None,
    knowledge: Knowledge = None,
) -> None:
    """Crisis lines and emergency numbers of a country."""
    from bot.answering.support import directory_text  # noqa: PLC0415
    from bot.knowledge.locating import locate  # noqa: PLC0415
    from bot.knowledge.safety import load_safety  # noqa: PLC0415

    safety = load_safety(locate(knowledge) / "safety")
    print(directory_text(_country(country), safety, datetime.now(UTC).date()))


@app.command()
def check(
    knowledge: Knowledge = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Also ask every entry's asks and name those that another page would take.")
    ] = False,
) -> None:
    """Check every file of the knowledge folder; exit 2 when something has to be mended."""
    from bot.evaluation.checking import check_everything  # noqa: PLC0415

    report = check_everything(knowledge, datetime.now(UTC).date(), prove)
    for problem in (*report.warnings, *report.errors):
        print(problem)
    print(report.summary)
    raise typer.Exit(2 if report.errors else 0)


@app.command("format")
def format_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to format; all that have a canonical form when none are named.")
    ] = None,
    knowledge: Knowledge = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 2 when a file is not in canonical form.")
    ] = False,
) -> None:
    """Bring pages, redirects, sources, combinations and notices into their one canonical form."""
    from bot.knowledge.locating import locate  # noqa: PLC0415
    from bot.knowledge.writing import canonical_files, format_text  # noqa: PLC0415

    chosen = files or canonical_files(locate(knowledge))
    changed = [path for path in chosen if _formatted(path, format_text, only_check)]
    for path in changed:
        print(readable(path))
    print(f"{len(changed)} of {len(chosen)} files {'would change' if only_check else 'changed'}.")
    raise typer.Exit(2 if only_check and changed else 0)


def _formatted(path: Path, format_text: Any, only_check: bool) -> bool:
    try:
        before = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({type(error).__name__}).") from error
    after = format_text(before, str(path))
    if after == before:
        return False
    if not only_check:
        path.write_text(after, encoding="utf-8")
    return True


@app.command()
def schema(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to write; the knowledge folder's schema/ by default.")
    ] = None,
) -> None:
    """Write the JSON Schemas that text editors use."""
    from bot.knowledge.locating import locate  # noqa: PLC0415
    from bot.knowledge.schema import schemas  # noqa: PLC0415

    target = folder or locate() / "schema"
    target.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (target / name).write_text(text, encoding="utf-8")
    print(f"{len(schemas())} schemas in {readable(target)}")


@app.command()
def stats(knowledge: Knowledge = None, as_json: AsJson = False) -> None:
    """Count what the knowledge holds and how well it is sourced."""
    from bot.knowledge.loading import load_knowledge  # noqa: PLC0415
    from bot.knowledge.locating import locate  # noqa: PLC0415
    from bot.knowledge.statistics import statistics  # noqa: PLC0415

    found = statistics(load_knowledge(locate(knowledge)).knowledge)
    figures = asdict(found)
    print(
        json.dumps(figures)
        if as_json
        else "\n".join(f"{name.replace('_', ' '):<18} {_shown(value)}" for name, value in figures.items())
    )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Any]:
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("asking", total=total)
        yield lambda: progress.advance(task)


@app.command()
def evaluate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of labelled JSON lines; the packaged trials when none are named.")
    ] = None,
    knowledge: Knowledge = None,
    as_json: AsJson = False,
    show: Annotated[int, typer.Option("--show", help="Print this many misses.")] = 0,
    overheard: Annotated[bool, typer.Option("--overheard", help="Ask every row as if overheard in a channel.")] = False,
    own: Annotated[
        bool, typer.Option("--self", help="Ask every entry's own asks, each left out of the index.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Write the risk-coverage and reliability curves as a picture.")
    ] = None,
) -> None:
    """Measure answers and safety on labelled questions."""
    from bot.evaluation import reporting  # noqa: PLC0415

    served = _served(knowledge)
    if own:
        print(reporting.self_report(served.answerer, as_json))
        return
    paths = files or sorted((served.folder / "trials").glob("*.jsonl"))
    rows = reporting.read(paths)
    with _progress(len(rows), as_json or not sys.stderr.isatty()) as tick:
        report = reporting.measure(served.answerer, rows, Mode.OVERHEARD if overheard else None, tick)
    print(json.dumps(report.data()) if as_json else report.text(show))
    if plot:
        reporting.plot(report, plot)
        print(f"Wrote {readable(plot)}")


@app.command()
def tune(
    knowledge: Knowledge = None,
    write: Annotated[bool, typer.Option("--write", help="Store the learned weights in the program's folder.")] = False,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Labelled questions; the packaged trials when none are named.")
    ] = None,
) -> None:
    """Learn the weights of matching by cross-validation and report what they are worth."""
    from bot.evaluation import learning  # noqa: PLC0415

    served = _served(knowledge)
    trials = served.folder / "trials"
    paths = files or [trials / "questions-dev.jsonl"]
    print(learning.tune(served.answerer, paths, trials / "lessons", write))


for door in (running_cli.run, running_cli.doctor, running_cli.health, running_cli.backup, running_cli.restore):
    app.command()(door)


if __name__ == "__main__":
    main()
