"""The conversation in a terminal: the same replies as on Discord, drawn with rich; plain text when piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, assert_never

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.answering.model import (
    NEW,
    Answer,
    Choices,
    Citation,
    Comparison,
    Conversation,
    Link,
    NoticeText,
    Pairing,
    Passage,
    Question,
    Reason,
    RedirectReply,
    Reply,
    Sentence,
    Silence,
    SmallTalkReply,
    Support,
    Unknown,
)
from bot.answering.pipeline import Answerer
from bot.answering.plain import plain, source_line
from bot.answering.support import countries, directory_text

WELCOME: Final = (
    "NextStep is a bot. People wrote every sentence it shows, with sources. It is not an emergency service and nobody "
    "is reading along. If you are in danger, call your local emergency number (112, 911 or 999 in many countries)."
)
HELP: Final = (
    "Ask in your own words, or pick a number.\n"
    "/define WORD   what a word or medicine is        /compare A, B   side by side\n"
    "/sources       the sources of the last answer    /why            what led to it\n"
    "/country GB    your country for crisis lines     /lines          crisis lines\n"
    "/help          this list                         /quit           leave"
)


def draw(reply: Reply) -> RenderableType:
    """A reply as something rich can print."""
    match reply:
        case Answer():
            body = Group(*_answer(reply))
        case Pairing():
            body = Group(
                Text(reply.title, style="bold"),
                Text(reply.severity_label),
                _prose(reply.sentences),
                *_ends(reply.notices, reply.sources),
                _small(reply.review),
            )
        case Comparison():
            body = Group(_comparison(reply))
        case Choices():
            body = Group(Text(reply.lead), _numbered([option.title for option in reply.options] + [reply.none_label]))
        case RedirectReply():
            body = Group(Text(reply.title, style="bold"), Text(reply.text), *_more("", reply.related))
        case Unknown():
            body = Group(Text(reply.text), *_more("", reply.nearest))
        case Support():
            extra = [Text(""), *_answer(reply.answer)] if reply.answer else []
            body = Group(Panel(Text(reply.text), padding=(1, 2)), *extra)
        case SmallTalkReply():
            body = Group(Text(reply.text))
        case Silence():
            body = Group()
        case _:
            assert_never(reply)
    return Group(body, Padding(Text(reply.gentle, style="italic"), (1, 0, 0, 0))) if reply.gentle else body


def _answer(reply: Answer) -> Iterator[RenderableType]:
    if reply.lead:
        yield Text(reply.lead, style="dim")
    for part in reply.passages:
        yield from _passage(part)
    if reply.left_out:
        yield Text(reply.left_out)
    yield from _ends(reply.notices, reply.sources)
    yield _small("\n".join(dict.fromkeys(part.review for part in reply.passages)))
    yield from _more("More", follow_ups(reply))


def _passage(part: Passage) -> Iterator[RenderableType]:
    heading = Text(part.title, style="bold")
    heading.append(f"  {part.facet_label}", style="cyan")
    yield heading
    if part.missing:
        yield Text(part.missing, style="italic")
    yield _prose(part.sentences)
    if part.region:
        yield _prose(part.region)
    if part.certainty:
        yield Text(part.certainty, style="italic")


def _prose(sentences: Iterable[Sentence]) -> Text:
    text = Text()
    for sentence in sentences:
        text.append(sentence.text)
        text.append("".join(f"[{number}]" for number in sentence.cites), style="cyan")
        text.append(" ")
    return text


def _ends(notices: Iterable[NoticeText], sources: Iterable[Citation]) -> Iterator[RenderableType]:
    for notice in notices:
        text = Text("▲ ", style="yellow")
        text.append(notice.title, style="bold yellow")
        text.append(f": {notice.text}" if notice.text else "")
        yield text
    lines = [source_line(source) for source in sources]
    if lines:
        yield _small("\n".join(lines))


def _small(line: str) -> Text:
    return Text(line, style="dim")


def _numbered(titles: Iterable[str]) -> Text:
    return Text("\n".join(f"  {number}. {title}" for number, title in enumerate(titles, 1)))


def _more(heading: str, links: Iterable[Link]) -> Iterator[RenderableType]:
    titles = [link.title for link in links]
    if titles:
        yield Text(
            (f"{heading}: " if heading else "")
            + "  ".join(f"({number}) {title}" for number, title in enumerate(titles, 1)),
            style="cyan",
        )


def _comparison(reply: Comparison) -> RenderableType:
    table = Table(show_lines=True, expand=False)
    table.add_column("")
    for entry in reply.entries:
        table.add_column(escape(entry.title))
    for row in reply.rows:
        table.add_row(Text(row.facet_label, style="bold"), *(_prose(cell) if cell else Text("–") for cell in row.cells))
    return Group(Text(reply.lead), table, *_ends(reply.notices, reply.sources), _small(reply.review))


def follow_ups(reply: Reply) -> tuple[Link, ...]:
    """What can be picked by number after a reply."""
    match reply:
        case Answer(passages=passages):
            return (*passages[0].facets, *passages[0].related)
        case Comparison(entries=links) | Pairing(links=links) | RedirectReply(related=links) | Unknown(nearest=links):
            return links
        case _:
            return ()


def why_table(reasons: Iterable[Reason]) -> Table:
    """Rules, ids and figures that led to a reply."""
    table = Table("stage", "rule", "ids", "figures")
    for reason in reasons:
        figures = ", ".join(f"{name} {value:g}" for name, value in reason.figures.items())
        table.add_row(reason.stage, reason.rule, ", ".join(reason.ids), figures)
    return table


def utc_now() -> datetime:
    """The clock of the terminal."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Chat:
    """One conversation in a terminal."""

    answerer: Answerer
    console: Console
    country: str | None = None
    clock: Callable[[], datetime] = utc_now
    conversation: Conversation = NEW
    last: Reply | None = None
    numbered: tuple[Link, ...] = field(default=())

    def take(self, line: str) -> bool:
        """Answer one line. ``False`` when the person wants to leave."""
        line = line.strip()
        if line in ("/quit", "/exit", "/q"):
            return False
        if line.startswith("/"):
            self._command(*line[1:].partition(" ")[::2])
        elif line.isdecimal() and 0 < int(line[:3]) <= len(self.numbered):
            link = self.numbered[int(line) - 1]
            self._show(*self.answerer.show(link.entry, link.facet, self.clock(), self.country, self.conversation))
        elif line:
            self._show(*self.answerer.reply(Question(line, self.clock(), country=self.country), self.conversation))
        return True

    def _show(self, reply: Reply, conversation: Conversation) -> None:
        self.conversation, self.last, self.numbered = conversation, reply, follow_ups(reply)
        if self.console.is_terminal:
            self.console.print(draw(reply))
        else:
            self.console.print(plain(reply), markup=False, highlight=False, soft_wrap=True)
        self.console.print()

    def _command(self, name: str, rest: str) -> None:
        match name:
            case "define":
                self._show(*self.answerer.define(rest, self.clock(), self.country, self.conversation))
            case "compare":
                self._compare(rest)
            case "why":
                self.console.print(why_table(self.last.why) if self.last else "There was no answer yet.")
            case "sources":
                sources = self.last.sources if isinstance(self.last, Answer | Comparison | Pairing) else ()
                self._say("\n".join(map(source_line, sources)) or "The last reply has no sources.")
            case "country":
                self._choose_country(rest.strip().upper())
            case "lines":
                self._say(
                    directory_text(rest.strip().upper() or self.country, self.answerer.safety, self.clock().date())
                )
            case _:
                self._say(HELP)

    def _compare(self, rest: str) -> None:
        names = [part.strip() for part in rest.replace(" vs ", ",").split(",") if part.strip()]
        found = [links[0].entry for name in names if (links := self.answerer.complete(name, 1))]
        if len(set(found)) < 2:
            self._say("Name two or three things, with commas between: /compare tms, ect")
            return
        self._show(
            *self.answerer.compare(tuple(dict.fromkeys(found)), self.clock(), None, self.country, self.conversation)
        )

    def _choose_country(self, code: str) -> None:
        known = dict(countries(self.answerer.safety))
        if code in known:
            self.country = code
            self._say(f"Crisis lines will be those of {known[code]}. This is forgotten when you leave.")
        else:
            self._say("I have lines for: " + ", ".join(f"{iso} {name}" for iso, name in known.items()))

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)


def converse(answerer: Answerer, country: str | None = None) -> None:
    """Talk until the person leaves or the input ends. Line editing comes from readline where there is one."""
    console = Console()
    chat = Chat(answerer, console, country)
    console.print(WELCOME, style="bold" if console.is_terminal else None, highlight=False)
    interactive = sys.stdin.isatty()
    if interactive:
        console.print(HELP, style="dim", highlight=False, markup=False)
        _line_editing()
    for line in _lines(interactive):
        if not chat.take(line):
            break


def _lines(interactive: bool) -> Iterator[str]:
    while True:
        try:
            yield input("› " if interactive else "")
        except (EOFError, KeyboardInterrupt):
            return
        except UnicodeDecodeError:
            print("That line was not readable text. Please type it again.", file=sys.stderr)


def _line_editing() -> None:
    """Arrow keys and history for this session only: what is typed here is never written to a file."""
    with suppress(ImportError):
        import readline  # noqa: PLC0415 - absent on some systems

        readline.set_history_length(200)


def readable(path: Path) -> str:
    """A path as people type it, relative where that is shorter."""
    with suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
