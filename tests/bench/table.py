"""What a bench run found: tables of figures, and the ratios that may fail it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table as Drawn

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the report. ``rows`` are as wide as ``columns``; the first column names the row."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure that does not depend on the machine, and whether it holds."""

    name: str
    measured: float
    bar: float
    at_most: bool

    @property
    def holds(self) -> bool:
        return self.measured <= self.bar if self.at_most else self.measured >= self.bar

    def __str__(self) -> str:
        sign, verdict = ("≤" if self.at_most else "≥"), ("holds" if self.holds else "FAILS")
        return f"{self.name}: {self.measured:.1f} (bar {sign} {self.bar:g}) {verdict}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of one run."""

    tables: tuple[Table, ...]
    ratios: tuple[Ratio, ...]

    @property
    def holds(self) -> bool:
        return all(ratio.holds for ratio in self.ratios)

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        tables = {
            table.key: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for table in self.tables
        }
        ratios = [
            {"name": r.name, "measured": round(r.measured, 2), "bar": r.bar, "holds": r.holds} for r in self.ratios
        ]
        return {**tables, "ratios": ratios}


def draw(report: Report, console: Console) -> None:
    """Print the report for people."""
    for table in report.tables:
        drawn = Drawn(title=table.title, title_justify="left", caption=table.note or None, caption_justify="left")
        for place, column in enumerate(table.columns):
            drawn.add_column(column, justify="right" if place else "left")
        for row in table.rows:
            drawn.add_row(*map(shown, row))
        console.print(drawn)
    for ratio in report.ratios:
        console.print(str(ratio), style="" if ratio.holds else "bold red")


def shown(cell: Cell) -> str:
    """A figure with about three digits."""
    match cell:
        case None:
            return "–"
        case str():
            return cell
    size = abs(cell)
    return f"{cell:,.0f}" if size >= 100 else f"{cell:.1f}" if size >= 10 else f"{cell:.2f}" if size else "0"


def quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return ordered[last // 2], ordered[round(last * 0.99)]
