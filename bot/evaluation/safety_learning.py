"""``python -m bot.evaluation.safety_learning FILE.jsonl … [--write]``: learn the safety screen's weights.

Logistic regression with an L2 penalty (scikit-learn's) on the features of :mod:`bot.answering.safety.learned`, on
labelled rows (``text``, ``level`` and for alarms perhaps ``category``; rows without a level count as ordinary
messages) and on the rules' own examples. Learned are: alarm, heavy (distress or more), and among alarms emergency,
concern for another, and the kind of danger. Limits are set on rows that the weights have not seen.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.answering.model import Level
from bot.answering.safety.learned import HEADS, KINDS, WINDOW, Conceptual, damping, features, stretches
from bot.answering.safety.machine import Machine
from bot.evaluation.safety import level_of
from bot.knowledge.locating import packaged
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety

Floats = npt.NDArray[np.float64]

COST: Final = 6.0
"""What a row on the wrong side costs beside the L2 penalty (C): low enough that no single word decides."""
_ROUNDS: Final = 400
SEEN_AT_LEAST: Final = 2
"""A feature of fewer rows is left out: it could only be learned by heart."""
SMALLEST: Final = 0.15
"""A feature whose weights for alarm and heavy are below this is not stored."""
BACKGROUND: Final = 0.7
"""What a row from unlabelled everyday talk counts beside a labelled one."""
DECORATED: Final = 0.25
"""What a copy of a message with signs behind it counts."""
_SHORT: Final = 200
_SURE: Final = 9.0
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


CATEGORIES: Final = {"violence": "harm-to-others", "mania": "mania-psychosis"}
"""Other words for a kind of danger that rows may use."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message to learn from."""

    text: str
    level: Level
    weight: float = 1.0
    category: str | None = None


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Labelled messages, everyday talk and labelled questions (with ``turns``) from JSON Lines files."""
    rows: list[Row] = []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            if "level" in row:
                category = CATEGORIES.get(str(row.get("category")), row.get("category"))
                rows.append(Row(str(row["text"]), level_of(str(row["level"])), category=category))
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
    """Labelled messages with signs behind them that people add in haste: they change nothing about what was said."""
    return [
        replace(row, text=f"{row.text} {sign}", weight=DECORATED * row.weight)
        for row in rows
        if len(row.text) < _SHORT
        for sign in ("??", "!!")
    ]


def tabulate(found: Sequence[set[str]], names: dict[str, int]) -> Any:
    """The features of each message that have a number in ``names``, damped: a sparse matrix of messages × features."""
    cells = [(at, names[name], damping(len(one))) for at, one in enumerate(found) for name in one if name in names]
    rows, columns, values = (np.array(part) for part in zip(*cells, strict=True))
    return csr_matrix((values, (rows, columns)), shape=(len(found), len(names)))


def fit(table: Any, wanted: npt.NDArray[np.bool_], importance: Floats) -> tuple[Floats, float]:
    """Weights and bias of one score; nothing when there is nothing to tell apart."""
    told = importance > 0
    if len(set(wanted[told].tolist())) < 2:
        return np.zeros(table.shape[1]), -_SURE
    model = LogisticRegression(C=COST, max_iter=_ROUNDS, solver="liblinear")
    model.fit(table[told], wanted[told], sample_weight=importance[told])
    return model.coef_[0], float(model.intercept_[0])


def targets(rows: Sequence[Row]) -> dict[str, tuple[npt.NDArray[np.bool_], Floats]]:
    """For each score what is wanted of each row, and what the row counts."""
    levels = [row.level for row in rows]
    alarms = np.array([level.is_alarm for level in levels])
    weight = np.array([row.weight for row in rows])
    named = np.array([row.category is not None for row in rows])
    heavy = alarms | np.array([level is Level.DISTRESS for level in levels])
    return {
        "alarm": (alarms, weight),
        "heavy": (heavy, weight),
        "emergency": (np.array([level is Level.EMERGENCY for level in levels]), weight * alarms),
        "other": (np.array([level is Level.CONCERN_FOR_OTHER for level in levels]), weight * alarms),
        **{
            kind.value: (np.array([row.category == kind.value for row in rows]), weight * alarms * named)
            for kind in KINDS
        },
    }


class Lesson:
    """Rows with their features, read once."""

    def __init__(self, rows: Sequence[Row], safety: Safety) -> None:
        machine = Machine(safety)
        conceptual = Conceptual(safety.words.groups, safety.words.spellings)
        self.rows: list[Row] = []
        self.found: list[set[str]] = []
        for row in (*rows, *decorated(rows)):
            said = conceptual.of(machine.reader.draft(row.text))
            parts = [said, *stretches(said)] if row.level.rank < Level.DISTRESS.rank else [said]
            for part in parts if len(said) > WINDOW else parts[:1]:
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
        return np.asarray(table @ weights + bias, dtype=np.float64)


def as_data(names: dict[str, int], weights: Floats, bias: Floats, limits: dict[str, float]) -> dict[str, Any]:
    """The content of weights.json, the weightiest features first."""
    kept = {name: [round(100 * float(one)) for one in weights[at]] for name, at in names.items()}
    kept = {name: row for name, row in kept.items() if max(map(abs, row[:2])) >= 100 * SMALLEST}
    order = sorted(kept, key=lambda name: (-abs(kept[name][0]), name))
    return {
        "about": "Learned by bot.evaluation.safety_learning: one weight for each head, in hundredths",
        "heads": HEADS,
        "bias": [round(float(one), 3) for one in bias],
        "limits": limits,
        "features": {name: kept[name] for name in order},
    }


def written(data: dict[str, Any]) -> str:
    """``data`` as JSON with one feature a line."""
    head = {name: value for name, value in data.items() if name != "features"}
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in data["features"].items()
    )
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
