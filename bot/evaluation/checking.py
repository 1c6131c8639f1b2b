"""Everything that ``nextstep check`` looks at: files and static rules, the safety data, and the proving rules.

Proving rules need the program to run: ``P01`` each rule of the screen fires on its examples and stays silent on the
others; ``P02`` an entry's own ask, left out of the index, must not be answered surely by another entry's page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.answering.screening import prove
from bot.evaluation.selftest import Stolen, stolen_asks
from bot.knowledge.loading import Loaded, load_knowledge
from bot.knowledge.locating import locate
from bot.knowledge.problems import Gravity, Problem, in_order
from bot.knowledge.rules import check_loaded
from bot.knowledge.safety import check_safety, load_safety


@dataclass(frozen=True, slots=True)
class Report:
    """All problems of one folder; errors fail the check, warnings do not."""

    problems: tuple[Problem, ...]
    entries: int

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What has to be mended."""
        return tuple(problem for problem in self.problems if problem.severity is Gravity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is worth a look."""
        return tuple(problem for problem in self.problems if problem.severity is Gravity.WARNING)

    @property
    def summary(self) -> str:
        """One closing line."""
        codes = ", ".join(
            f"{code} {count}" for code, count in sorted(Counter(problem.code for problem in self.problems).items())
        )
        found = f" ({codes})" if codes else ""
        return f"{self.entries} entries, {len(self.errors)} errors, {len(self.warnings)} warnings{found}"


def check_everything(knowledge: Path | None, today: date, prove_asks: bool = False) -> Report:
    """Every problem of every file, by file and line. ``prove_asks`` also puts every ask to the test (some seconds)."""
    folder = locate(knowledge)
    loaded = load_knowledge(folder)
    problems = [*check_loaded(loaded, today)]
    problems += [Problem(one.path, one.line, one.code, one.message) for one in check_safety(folder / "safety")]
    rules = f"{loaded.root}/safety/rules"
    problems += [Problem(rules, 1, "P01", complaint) for complaint in prove(load_safety(folder / "safety"))]
    if prove_asks:
        problems += [_stolen(loaded, stolen) for stolen in stolen_asks(loaded.knowledge)]
    return Report(in_order(problems), len(loaded.knowledge.entries))


def _stolen(loaded: Loaded, stolen: Stolen) -> Problem:
    path = f"{loaded.root}/{stolen.folder}/{stolen.entry}.yaml"
    document = loaded.documents.get(path)
    line = document.line(("asks", stolen.place)) if document else 1
    return Problem(path, line, "P02", stolen.message, Gravity.WARNING)
