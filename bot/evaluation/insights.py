"""A month in figures, for the community: what was asked, what helped, what was missing; as text and as a picture.

Counts under five are shown as “fewer than 5”, so that nobody can be told from them; nor by taking the others from a
total: the total is then only told as “at least”.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import IO, Any, Final, Protocol

from bot.knowledge.model import Knowledge

SMALLEST: Final = 5
_WIDE: Final = 110
"""Characters of a line under the picture."""
_ROWS: Final = 5
"""A bar is as high as if there were so many, at least."""
_BLUE: Final = "#33638d"
_GREY: Final = "#b8c4d0"
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "answered": ("answer", "comparison"),
    "asked back": ("choices",),
    "not ours": ("redirect",),
    "no answer": ("unknown",),
    "support shown": ("support",),
}
_AGAINST: Final = ("wrong-topic", "unclear", "out-of-date", "upsetting")


class Counted(Protocol):
    """How often something was counted in a month (``2026-11``)."""

    @property
    def month(self) -> str:
        """The month."""
        ...

    @property
    def what(self) -> str:
        """reply, topic, miss, false-alarm, or a rating."""
        ...

    @property
    def name(self) -> str:
        """Of what."""
        ...

    @property
    def count(self) -> int:
        """How often."""
        ...


@dataclass(frozen=True, slots=True)
class Insights:
    """One month. Counts under :data:`SMALLEST` are ``None``; ``asked`` is the total of those that are told."""

    month: str
    asked: int
    kinds: Mapping[str, int | None]
    helpful: int | None
    unhelpful: int | None
    topics: tuple[tuple[str, int], ...]
    gaps: tuple[tuple[str, int], ...]
    false_alarms: int | None
    stale: tuple[str, ...]


def insights(counts: Iterable[Counted], month: str, knowledge: Knowledge, today: date, most: int = 8) -> Insights:
    """The figures of one month."""
    here = [one for one in counts if one.month == month]
    replies = {one.name: one.count for one in here if one.what == "reply"}
    helpful = sum(one.count for one in here if one.what == "helpful")
    against = sum(one.count for one in here if one.what in _AGAINST)
    stale = sorted((entry.review.due, entry.title) for entry in knowledge.entries.values() if entry.review.due < today)
    kinds = {label: _shown(sum(replies.get(kind, 0) for kind in kinds)) for label, kinds in _KINDS.items()}
    return Insights(
        month=month,
        asked=sum(count or 0 for count in kinds.values()),
        kinds=kinds,
        helpful=_shown(helpful),
        unhelpful=_shown(against),
        topics=_top(here, "topic", knowledge, most),
        gaps=_top(here, "miss", knowledge, most),
        false_alarms=_shown(sum(one.count for one in here if one.what == "false-alarm")),
        stale=tuple(title for _, title in stale),
    )


def _shown(count: int) -> int | None:
    """A count that may be told; nothing at all is told as nothing."""
    return count if count >= SMALLEST or count == 0 else None


def _top(here: Iterable[Counted], what: str, knowledge: Knowledge, most: int) -> tuple[tuple[str, int], ...]:
    rows = [(one.name, one.count) for one in here if one.what == what and one.count >= SMALLEST]
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))[:most]
    entries = knowledge.entries
    return tuple((entries[name].title if name in entries else name.replace("-", " "), count) for name, count in ordered)


def insights_text(found: Insights) -> str:
    """The text twin of the picture; also its alternative text."""
    lines = [f"{_month_name(found.month)}: {_asked(found)}."]
    lines.append("What became of them: " + ", ".join(f"{k} {_said(c)}" for k, c in found.kinds.items()) + ".")
    if (found.helpful, found.unhelpful) != (0, 0):
        lines.append(f"Ratings: helpful {_said(found.helpful)}, not helpful {_said(found.unhelpful)}{_share(found)}.")
    named = (("Top topics", found.topics), ("Nearest to what had no answer", found.gaps))
    lines += [f"{title}: {_list(rows)}." for title, rows in named if rows]
    return "\n".join((*lines, *_notes(found)))


def _notes(found: Insights) -> list[str]:
    """What is told in words in the picture too."""
    notes = [f"False alarms of the safety watch: {_said(found.false_alarms)}."]
    if found.stale:
        shown = ", ".join(found.stale[:5]) + (f" and {len(found.stale) - 5} more" if len(found.stale) > 5 else "")
        notes.append(f"Overdue for review: {shown}.")
    return notes


def _asked(found: Insights) -> str:
    """How many questions; “at least” where a hidden count could be taken from the total."""
    if all(count is not None for count in found.kinds.values()):
        return f"{found.asked} questions"
    return f"at least {found.asked} questions" if found.asked else "a few questions"


def _share(found: Insights) -> str:
    """The share that was helpful, unless it would tell a count under five."""
    if found.helpful is None or found.unhelpful is None:
        return ""
    return f" ({found.helpful / (found.helpful + found.unhelpful):.0%} helpful)"


def _said(count: int | None) -> str:
    return f"fewer than {SMALLEST}" if count is None else str(count)


def _list(rows: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in rows)


def _month_name(month: str) -> str:
    return date.fromisoformat(f"{month}-01").strftime("%B %Y")


def insights_picture(found: Insights, file: Path | IO[bytes]) -> str:
    """Draw the month as PNG into a file; gives the alternative text."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and only needed here

    figure = Figure(figsize=(9, 7), dpi=110, layout="constrained")
    figure.suptitle(f"{_month_name(found.month)}: {_asked(found)}", fontsize=14)
    kinds, ratings, topics, gaps = figure.subplots(2, 2).flat
    _bars(kinds, "What became of them", [(name, count or 0, _said(count)) for name, count in found.kinds.items()])
    _ratings(ratings, found)
    _bars(topics, "Top topics", [(name, count, str(count)) for name, count in found.topics])
    _bars(gaps, "Nearest to what had no answer", [(name, count, str(count)) for name, count in found.gaps])
    notes = "\n".join(line for note in _notes(found) for line in wrap(note, _WIDE))
    figure.supxlabel(notes, x=0.01, ha="left", fontsize=10, parse_math=False)
    text = insights_text(found)
    figure.savefig(file, format="png", metadata={"Title": f"Insights {found.month}", "Description": text})
    return text


def _ratings(axes: Any, found: Insights) -> None:
    rows = [("helpful", found.helpful), ("not helpful", found.unhelpful)]
    nothing = (found.helpful, found.unhelpful) == (0, 0)
    _bars(axes, "Was it helpful?", [] if nothing else [(name, count or 0, _said(count)) for name, count in rows])


def _bars(axes: Any, title: str, rows: list[tuple[str, int, str]]) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_xticks([])
    if not rows:
        axes.set_yticks([])
        axes.text(0.02, 0.5, f"nothing to show, or fewer than {SMALLEST}", transform=axes.transAxes, color="#555555")
        return
    names = [name if len(name) <= 28 else f"{name[:27]}…" for name, _, _ in reversed(rows)]
    places = list(range(len(rows)))
    sizes = [count if label.isdigit() else 0 for _, count, label in reversed(rows)]
    axes.barh(places, sizes, color=_BLUE, edgecolor=_GREY)
    axes.set_yticks(places, names, fontsize=9, parse_math=False)
    axes.set_ylim(min(0, len(rows) - _ROWS) - 0.5, len(rows) - 0.5)
    axes.set_xlim(0, max(1, *sizes) * 1.25)
    for place, (size, (_, _, label)) in enumerate(zip(sizes, reversed(rows), strict=True)):
        axes.text(size, place, f" {label}", va="center", fontsize=9)
