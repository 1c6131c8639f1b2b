"""``python -m tests.bench``: speed, size and accuracy, side by side in one run.

Absolute times depend on the machine and are only reported; the run fails (exit 1) when a ratio does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bot.answering.pipeline import Answerer
from bot.knowledge.locating import packaged
from tests.bench import accuracy, growth, screening, speed, starting, wire
from tests.bench.questions import Ground, load
from tests.bench.table import Report, Table, draw


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    sizes: tuple[int, ...]
    asked: int
    asked_slowly: int
    judged: int
    draws: int
    starts: int
    posted: int = 0
    """Messages over the wire, of each sort; none leaves the wire out."""


FULL = Extent((1_000, 10_000, 100_000), asked=100, asked_slowly=5, judged=300, draws=60, starts=5, posted=300)
QUICK = Extent((1_000, 10_000), asked=40, asked_slowly=5, judged=60, draws=8, starts=2, posted=60)


def measure(ground: Ground, extent: Extent, png: Path | None, say: Console) -> Report:
    """Run everything."""
    say.print("building …")
    answerer, build = speed.timed(lambda: Answerer(ground.knowledge, ground.safety))
    lines = [*speed.rows(ground, answerer, build)]
    say.print("screening …")
    lines += screening.rows(ground, extent.draws)
    say.print("starting …")
    lines += starting.rows(ground, extent.starts)
    speeds = Table("speed", "Speed and size", ("what", "measured", "unit", "bar"), tuple(lines))
    say.print("accuracy …")
    judgements = judge(ground, answerer, extent)
    say.print("growing …")
    questions = [row.turns[0].text for row in ground.single(extent.asked)]
    sizes = growth.measure(ground, extent.sizes, questions, extent.asked_slowly)
    if png is not None:
        growth.plot(sizes, png)
    report = Report((speeds, growth.table(sizes), *judgements), growth.ratios(sizes))
    if not extent.posted:
        return report
    say.print("on the wire …")
    carried = wire.measure(ground, extent.posted)
    return Report((*report.tables, carried.table()), (*report.ratios, *carried.ratios()))


def judge(ground: Ground, answerer: Answerer, extent: Extent) -> tuple[Table, Table]:
    """How often the right entry comes first, beside the usual methods, and what each group of signals is worth."""
    judged = ground.single(extent.judged, unseen=True)
    return accuracy.table(answerer.mind, judged), accuracy.ablation(answerer.mind, judged)


def main(arguments: Sequence[str] | None = None, quick: Extent = QUICK) -> int:
    """The command. Gives the exit code; ``quick`` is what ``--quick`` measures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller samples, up to 10,000 phrasings")
    parser.add_argument("--accuracy", action="store_true", help="only how often the right entry comes first")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument("--png", type=Path, metavar="FILE", help="write the growth as a picture")
    parser.add_argument("--knowledge", type=Path, metavar="FOLDER", default=packaged(), help="another knowledge folder")
    chosen = parser.parse_args(arguments)
    say = Console(stderr=True, quiet=chosen.json)
    ground, extent = load(chosen.knowledge), quick if chosen.quick else FULL
    if chosen.accuracy:
        report = Report(judge(ground, Answerer(ground.knowledge, ground.safety), extent), ())
    else:
        report = measure(ground, extent, chosen.png, say)
    if chosen.json:
        print(json.dumps(report.data(), indent=1, ensure_ascii=False))  # noqa: T201 - its output
    else:
        draw(report, Console())
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
