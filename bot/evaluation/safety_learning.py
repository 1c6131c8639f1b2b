"""``python -m bot.evaluation.safety_learning FILE.jsonl … [--write]``: learn the safety screen's weights.

Logistic regression with an L2 penalty on the features of :mod:`bot.answering.safety.learned`, fitted by Nesterov's
accelerated gradient (Y. Nesterov, 1983), on labelled rows (``text`` and ``level``; rows without a level count as
ordinary messages) and on the rules' own examples. Four scores are learned: alarm, heavy (distress or more), and
among alarms emergency and concern for another. Limits are set on rows that the weights have not seen.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.model import Level
from bot.answering.safety.learned import HEADS, WINDOW, Conceptual, damping, features, stretches
from bot.answering.safety.machine import Machine
from bot.evaluation.safety import level_of
from bot.knowledge.locating import packaged
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety

Floats = npt.NDArray[np.float64]

PENALTY: Final = 0.3
"""Strength of the L2 penalty per row of weight one; strong, so that no single word decides."""
ROUNDS: Final = 500
_POWER_ROUNDS: Final = 30
SEEN_AT_LEAST: Final = 3
"""A feature of fewer rows is left out: it could only be learned by heart."""
SMALLEST: Final = 0.15
"""A weight below this on every score is not stored."""
BACKGROUND: Final = 1.0
"""What a row from unlabelled everyday talk counts beside a labelled one."""
DECORATED: Final = 0.25
"""What a copy of an alarm with signs behind it counts."""
_SHORT: Final = 200
LIMITS: Final = {
    "alarm": 0.9,
    "rule": 3.9,
    "tempered": 3.0,
    "overheard": 1.3,
    "heavy": -0.3,
    "emergency": -1.2,
    "emergency_over_rule": 0.5,
    "other": 0.5,
}
"""From which score each is believed. Set on messages that the weights had not seen (four folds): at ``alarm`` about
1 in 100 everyday messages would alarm, with ``overheard`` on top 1 in 500. ``rule`` is what an alarm of the rules
counts, ``tempered`` what is asked beyond ``alarm`` of something that the rules heard denied, over or asked about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message to learn from."""

    text: str
    level: Level
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """Which rows have which features, with the damped value of each: three parallel arrays."""

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    values: Floats
    shape: tuple[int, int]

    def times(self, weights: Floats) -> Floats:
        """The sum of each row's weights."""
        return np.asarray(np.bincount(self.rows, self.values * weights[self.columns], self.shape[0]), dtype=np.float64)

    def back(self, slopes: Floats) -> Floats:
        """The sum of each feature's slopes."""
        return np.asarray(np.bincount(self.columns, self.values * slopes[self.rows], self.shape[1]), dtype=np.float64)


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Labelled messages, everyday talk and labelled questions (with ``turns``) from JSON Lines files."""
    rows: list[Row] = []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            if "level" in row:
                rows.append(Row(str(row["text"]), level_of(str(row["level"]))))
                continue
            turns = row.get("turns") or [row["text"]]
            texts = [turn["text"] if isinstance(turn, dict) else turn for turn in turns]
            rows += [Row(str(text), Level.NONE, BACKGROUND) for text in texts]
    return rows


def own_examples(safety: Safety) -> list[Row]:
    """The examples of the rules, at the level that they must reach."""
    rows: list[Row] = []
    for rule in safety.rules:
        level = Level.CONCERN_FOR_OTHER if rule.about == "other" else Level(rule.level)
        rows += [Row(text, level) for text in rule.fires if level is not Level.NONE]
        rows += [Row(text, Level.NONE) for text in rule.silent]
    return rows


def decorated(rows: Iterable[Row]) -> list[Row]:
    """Alarms with signs behind them that people add in haste: they do not make a question of a statement."""
    return [
        Row(f"{row.text} {sign}", row.level, DECORATED)
        for row in rows
        if row.level.is_alarm
        for sign in ("??", "!!")
        if len(row.text) < _SHORT
    ]


def tabulate(found: Sequence[set[str]], names: dict[str, int]) -> Table:
    """The features of each message that have a number in ``names``."""
    cells = [(at, names[name], damping(len(one))) for at, one in enumerate(found) for name in one if name in names]
    rows, columns, values = (np.array(part) for part in zip(*cells, strict=True))
    return Table(rows, columns, values, (len(found), len(names)))


def fit(table: Table, wanted: npt.NDArray[np.bool_], importance: Floats) -> tuple[Floats, float]:
    """Weights and bias of one score; the bias alone is not penalised."""
    penalty = np.append(np.full(table.shape[1], PENALTY), 0.0)
    steepest = 0.25 * _largest_curve(table, importance) + PENALTY
    weights = np.zeros(table.shape[1] + 1)
    ahead, speed = weights, 1.0
    for _ in range(ROUNDS):
        odds = table.times(ahead[:-1]) + ahead[-1]
        slopes = importance * (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - wanted)
        moved = ahead - (np.append(table.back(slopes), slopes.sum()) + penalty * ahead) / steepest
        faster = (1 + (1 + 4 * speed * speed) ** 0.5) / 2
        ahead = moved + (speed - 1) / faster * (moved - weights)
        weights, speed = moved, faster
    return weights[:-1], float(weights[-1])


def _largest_curve(table: Table, importance: Floats) -> float:
    """The largest eigenvalue of the weighted rows (with the bias as one more column), by power iteration."""
    guess = np.ones(table.shape[1] + 1)
    size = 1.0
    for _ in range(_POWER_ROUNDS):
        spread = importance * (table.times(guess[:-1]) + guess[-1])
        guess = np.append(table.back(spread), spread.sum())
        size = float(np.linalg.norm(guess))
        guess = guess / max(size, 1e-9)
    return size * 1.05


def targets(rows: Sequence[Row]) -> dict[str, tuple[npt.NDArray[np.bool_], Floats]]:
    """For each score what is wanted of each row, and what the row counts."""
    levels = [row.level for row in rows]
    alarms = np.array([level.is_alarm for level in levels])
    weight = np.array([row.weight for row in rows])
    heavy = alarms | np.array([level is Level.DISTRESS for level in levels])
    return {
        "alarm": (alarms, weight),
        "heavy": (heavy, weight),
        "emergency": (np.array([level is Level.EMERGENCY for level in levels]), weight * alarms),
        "other": (np.array([level is Level.CONCERN_FOR_OTHER for level in levels]), weight * alarms),
    }


class Lesson:
    """Rows with their features, read once."""

    def __init__(self, rows: Sequence[Row], safety: Safety) -> None:
        machine = Machine(safety)
        conceptual = Conceptual(safety.words.groups, safety.words.spellings)
        self.rows: list[Row] = []
        self.found: list[set[str]] = []
        for row in (*rows, *decorated(rows)):
            concepts = conceptual.of(machine.reader.draft(row.text))
            parts = [concepts, *stretches(concepts)] if row.level.rank < Level.DISTRESS.rank else [concepts]
            for part in parts if len(concepts) > WINDOW else parts[:1]:
                self.rows.append(row)
                self.found.append(features(part))

    def learn(self, chosen: Sequence[int]) -> tuple[dict[str, int], Floats, Floats]:
        """The numbers of the features, their weights (features by scores), and the biases, from the chosen rows."""
        met = [at for at in chosen if self.rows[at].weight > DECORATED]
        counts = Counter(name for at in met for name in self.found[at])
        names = {name: at for at, name in enumerate(sorted(n for n, count in counts.items() if count >= SEEN_AT_LEAST))}
        table = tabulate([self.found[at] for at in chosen], names)
        wanted = targets([self.rows[at] for at in chosen])
        fitted = [fit(table, *wanted[head]) for head in HEADS]
        return names, np.stack([one for one, _ in fitted], 1), np.array([bias for _, bias in fitted])

    def judge(self, chosen: Sequence[int], names: dict[str, int], weights: Floats, bias: Floats) -> Floats:
        """The scores of the chosen rows (rows by scores)."""
        table = tabulate([self.found[at] for at in chosen], names)
        return np.stack([table.times(weights[:, head]) + bias[head] for head in range(len(HEADS))], 1)


def as_data(names: dict[str, int], weights: Floats, bias: Floats, limits: dict[str, float]) -> dict[str, Any]:
    """The content of weights.json, the weightiest features first."""
    kept = {name: [round(float(one), 2) for one in weights[at]] for name, at in names.items()}
    kept = {name: row for name, row in kept.items() if max(map(abs, row)) >= SMALLEST}
    order = sorted(kept, key=lambda name: (-abs(kept[name][0]), name))
    return {
        "about": "Learned by bot.evaluation.safety_learning: weights of " + ", ".join(HEADS),
        "bias": [round(float(one), 3) for one in bias],
        "limits": limits,
        "features": {name: kept[name] for name in order},
    }


def written(data: dict[str, Any]) -> str:
    """``data`` as JSON with one feature a line."""
    head = {name: value for name, value in data.items() if name != "features"}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in data["features"].items())
    return json.dumps(head, indent=1)[:-2] + ',\n "features": {\n' + lines + "\n }\n}\n"


def main(arguments: Sequence[str]) -> None:
    """Learn from the files named, and store the result when asked to."""
    write = "--write" in arguments
    safety = load_safety(None)
    rows = read_rows(Path(name) for name in arguments if not name.startswith("--"))
    lesson = Lesson([*rows, *own_examples(safety)], safety)
    names, weights, bias = lesson.learn(range(len(lesson.rows)))
    data = as_data(names, weights, bias, LIMITS)
    if write:
        (packaged() / "safety" / "weights.json").write_text(written(data), encoding="utf-8")
    outcome = "written" if write else "not written"
    sys.stdout.write(f"{len(lesson.rows)} messages, {len(data['features'])} features; {outcome}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
