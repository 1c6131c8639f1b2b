"""Evaluation as people read it: tables for the terminal, data for machines, curves as a picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.answering.model import Level, Mode
from bot.answering.pipeline import Answerer
from bot.answering.screening import Screen
from bot.evaluation.intervals import Share
from bot.evaluation.rows import QuestionRow, Row, SafetyRow, read_rows
from bot.evaluation.safety import SafetyReport, evaluate_safety
from bot.evaluation.scoring import Judged, Score, judge, score
from bot.evaluation.selftest import self_test

_FEW_ANSWERED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Report:
    """What one evaluation found; a part is ``None`` when no row of its kind was given."""

    answers: Score | None
    safety: SafetyReport | None

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "answers": self.answers.data() if self.answers else None,
            "safety": _safety_data(self.safety) if self.safety else None,
        }

    def text(self, show: int = 0) -> str:
        """Tables, and the first ``show`` misses."""
        parts = []
        if self.answers:
            parts.append(_answers_text(self.answers))
            parts += [_miss(one) for one in self.answers.misses[:show]]
        if self.safety:
            parts.append(_safety_text(self.safety))
        return "\n".join(parts) or "No labelled rows were given."


def read(paths: Iterable[Path]) -> tuple[Row, ...]:
    """All labelled rows of ``paths``."""
    return read_rows(paths)


def measure(
    answerer: Answerer, rows: Sequence[Row], mode: Mode | None = None, tick: Callable[[], None] = lambda: None
) -> Report:
    """Ask every question row, screen every safety row."""
    questions = [row for row in rows if isinstance(row, QuestionRow)]
    messages = [row for row in rows if isinstance(row, SafetyRow)]
    answers = score(tuple(judge(answerer, questions, mode, tick))) if questions else None
    labelled = [{"text": row.text, "level": row.level} for row in messages]
    heard = evaluate_safety(labelled, Screen(answerer.safety), mode or Mode.ADDRESSED) if labelled else None
    return Report(answers, heard)


def _line(name: str, share: Share) -> str:
    low, high = share.interval
    return f"  {name:<34} {share.value:6.3f}   {share.hits:>5} of {share.total:<5} 95 % {low:.3f} to {high:.3f}"


def _answers_text(found: Score) -> str:
    lines = ["In scope"]
    lines += [_line(name, share) for name, share in found.in_scope.items()]
    both = found.in_scope["right"].hits + found.in_scope["offered"].hits
    lines.append(_line("right or offered", Share(both, found.in_scope["right"].total)))
    lines.append("Out of scope")
    lines += [_line(name, share) for name, share in found.out_of_scope.items()]
    lines += [
        "Parts",
        _line("facet right, of right answers", found.facets),
        _line("follow-up turns right", found.follow_ups),
    ]
    lines += [
        _line("comparisons right (both sides)", found.comparisons),
        f"  {'expected calibration error':<34} {found.calibration_error:6.3f}",
    ]
    lines.append("By style")
    lines += [_style(style, shares) for style, shares in found.styles.items()]
    return "\n".join(lines)


def _style(style: str, shares: dict[str, Share]) -> str:
    figures = "  ".join(f"{name} {share.value:.3f}" for name, share in shares.items())
    total = next(iter(shares.values())).total
    return f"  {style:<14} {figures}   of {total}"


def _safety_text(found: SafetyReport) -> str:
    """The confusion table, labelled down and heard across, and each figure beside its bar."""
    names = [level.value for level in Level]
    lines = ["Safety (labelled down, heard across)", "  " + " " * 20 + "".join(f"{name[:12]:>14}" for name in names)]
    lines += ["  " + f"{level.value:<20}" + "".join(f"{count:>14}" for count in found.row(level)) for level in Level]
    lines += [
        f"  {'ok  ' if one.holds else 'MISS'} {one.name:<46} {one.share}  bar {one.bar}" for one in found.measures
    ]
    return "\n".join(lines)


def _safety_data(found: SafetyReport) -> dict[str, Any]:
    table = {level.value: dict(zip(map(str, Level), found.row(level), strict=True)) for level in Level}
    measures = {one.name: {**one.share.data(), "bar": one.bar, "holds": one.holds} for one in found.measures}
    return {"table": table, "measures": measures}


def _miss(one: Judged) -> str:
    got = ", ".join(one.reply["entries"] or one.reply["choices"]) or one.reply["kind"]
    wanted = ", ".join(one.turn.expect) or "nothing"
    sure = one.reply["confidence"]
    return f"{one.outcome:<9} {one.style:<12} wanted {wanted}; got {got} ({sure:.2f}): {one.turn.text[:160]}"


def self_report(answerer: Answerer, as_json: bool) -> str:
    """How many of the entries' own asks find home, and who takes what from whom."""
    found = self_test(answerer.mind)
    total = sum(found.outcomes.values())
    thefts = [{"from": a, "by": b, "asks": count} for (a, b), count in found.thefts.most_common(20)]
    if as_json:
        return json.dumps({"asks": total, **dict(found.outcomes), "home": round(found.home, 4), "thefts": thefts})
    lines = [f"{total} asks, each left out of the index"]
    lines += [_line(name, Share(found.outcomes[name], total)) for name in ("right", "offered", "wrong", "declined")]
    lines.append(_line("right or offered", Share(found.outcomes["right"] + found.outcomes["offered"], total)))
    lines += [f"  {theft['by']} takes {theft['asks']} from {theft['from']}" for theft in thefts]
    return "\n".join(lines)


def plot(report: Report, path: Path) -> None:
    """Risk against coverage, and confidence against truth, side by side.

    Where hardly anything is answered yet, one wrong answer would be all that there is to see: that part is left out.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and only needed here

    found = report.answers
    if found is None:
        return
    figure = Figure(figsize=(10, 4.2), dpi=120, layout="constrained")
    left, right = figure.subplots(1, 2)
    curve = [point for point in found.curve if point[0] >= _FEW_ANSWERED] or found.curve
    left.plot([covered for covered, _, _ in curve], [risk for _, risk, _ in curve], color="#33638d")
    left.set(
        xlabel="share of all messages answered",
        ylabel="share of the answers that is wrong",
        title="Risk and coverage",
        xlim=(0, 1),
        ylim=(0, max([0.1, *(risk for _, risk, _ in curve)])),
    )
    right.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1)
    right.plot([c for c, _, _ in found.reliability], [r for _, r, _ in found.reliability], marker="o", color="#33638d")
    right.set(xlabel="confidence", ylabel="share right", title="What confidence means", xlim=(0, 1), ylim=(0, 1))
    figure.savefig(path, metadata={"Title": "Risk and coverage, and reliability of confidence"})
