"""The learned score: what it adds to the rules, and that it can be left out, quoted and taken apart."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bot.answering.model import Level, Mode
from bot.answering.safety.learned import CLAUSE, HEADS, WINDOW, clauses, features, stretches
from bot.answering.screening import Screen
from bot.evaluation.safety_learning import (
    OF_MANY,
    Lesson,
    Row,
    as_data,
    joined,
    main,
    read_background,
    read_rows,
    ways_of,
    written,
)
from bot.knowledge.locating import packaged
from bot.knowledge.safety_model import Weights
from tests import shipped

SAFETY = shipped.safety()
SCREEN = shipped.screen()


@cache
def rules_alone() -> Screen:
    return Screen(SAFETY.model_copy(update={"weights": Weights()}))


def test_features_are_words_and_concepts_and_their_neighbours() -> None:
    assert features([("took", "{took}"), ("b", "b")]) == {
        *("took", "{took}", "b", "| took", "| {took}", "took b", "{took} b", "b |"),
    }


DROWNED = [
    "teenager starting fluoxetine, what should we expect first couple wks, my manager said my tone was brisk and "
    "i want to kill myself energy bill 240 quid. for what. i live in a jumper",
    "teenager starting fluoxetine, what should we expect first couple wks my manager said my tone was brisk. i "
    "said cheers i just want to die does your hair have to be clean and dry for ect, mine takes a day",
]


@pytest.mark.parametrize("text", DROWNED)
def test_a_grave_clause_is_heard_whatever_is_told_around_it(text: str) -> None:
    limits = {name: limit for name, limit in SAFETY.weights.limits.items() if name != "clause"}
    deaf = Screen(SAFETY.model_copy(update={"weights": replace(SAFETY.weights, limits=limits)}))
    assert not deaf.screen(text).level.is_alarm
    assert SCREEN.screen(text).level.is_alarm
    calm = text.replace("i want to kill myself", "").replace("i just want to die", "")
    assert not SCREEN.screen(calm).level.is_alarm


def test_clauses_are_short_parts_that_name_a_danger() -> None:
    told = [(str(at), str(at)) for at in range(60)]
    assert clauses(told) == []
    said = [*told[:30], ("die", "{die}"), *told[30:]]
    parts = clauses(said)
    assert parts
    assert all(("die", "{die}") in part and len(part) <= CLAUSE for part in parts)
    assert clauses(said[25:35]) == []
    many = clauses([("die", "{die}"), *told] * 30)
    assert len(many) <= 16
    assert many[0][0] == ("die", "{die}")
    assert many[-1][0][0] > many[0][-1][0]


def test_long_messages_are_read_in_overlapping_stretches() -> None:
    words = [(str(at), str(at)) for at in range(WINDOW * 4)]
    parts = stretches(words)
    assert all(len(part) <= WINDOW for part in parts)
    assert {word for part in parts for word in part} == set(words)
    assert all(set(one) & set(two) for one, two in itertools.pairwise(parts))


def test_without_weights_the_rules_speak_alone() -> None:
    assert rules_alone().screen("i want to kill myself").level is Level.CRISIS
    assert rules_alone().screen("what a lovely day").level is Level.NONE


@pytest.mark.parametrize(
    "text",
    [
        "the boss at the care home pushes me against the wall",
        "my therapist is on leave for two weeks. i don't think i've got two weeks",
        "he unfollowed everybody and wrote 'it was an honor', anybody got his number?",
    ],
)
def test_what_no_rule_names_is_heard_from_experience(text: str) -> None:
    assert not rules_alone().screen(text).level.is_alarm
    heard = SCREEN.screen(text)
    assert heard.level.is_alarm
    assert "learned" in heard.rules


def test_overheard_asks_for_more_than_addressed() -> None:
    texts = [row.text for row in _rows()]
    addressed = {text for text in texts if SCREEN.screen(text).level.is_alarm}
    overheard = {text for text in texts if SCREEN.screen(text, mode=Mode.OVERHEARD).level.is_alarm}
    assert overheard <= addressed


def test_what_names_no_danger_must_score_higher() -> None:
    def heard(text: str, unnamed: float) -> Level:
        limits = {**SAFETY.weights.limits, "unnamed": unnamed}
        weights = Weights(HEADS, {"sofa": (900,) + (0,) * (len(HEADS) - 1)}, (0.0,) * len(HEADS), limits)
        return Screen(SAFETY.model_copy(update={"weights": weights})).screen(text).level

    assert heard("my sofa arrived", 0.0).is_alarm
    assert not heard("my sofa arrived", 9.0).is_alarm
    assert heard("my sofa is full of blood", 9.0).is_alarm


_HEARS = """
import json, sys
from bot.answering.screening import Screen
from bot.knowledge.safety import load_safety
screen = Screen(load_safety(None))
print([(one.level.value, one.rules) for one in map(screen.screen, json.load(sys.stdin))])
"""


def test_every_start_of_the_program_hears_the_same() -> None:
    lessons = packaged() / "trials" / "questions-dev.jsonl"
    rows = map(json.loads, lessons.read_text(encoding="utf-8").splitlines()[:400])
    texts = json.dumps([turn["text"] for row in rows for turn in row.get("turns", [row])])
    heard = {
        subprocess.run(
            [sys.executable, "-c", _HEARS],
            input=texts,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(heard) == 1


def test_what_is_learned_is_stored_one_feature_a_line() -> None:
    lesson = Lesson(_rows() * 3, SAFETY)
    names, weights, bias = lesson.learn(range(len(lesson.rows)))
    scores = lesson.judge(range(2), names, weights, bias)
    assert scores[0, HEADS.index("alarm")] > scores[1, HEADS.index("alarm")]
    data = as_data(names, weights, bias, {"alarm": 0.0})
    assert written(data).count("\n") > len(data["features"])


def test_one_thing_said_in_many_ways() -> None:
    assert sorted(ways_of("i (took|swallowed) (it|) .")) == ["i swallowed it.", "i swallowed.", "i took it.", "i took."]
    assert ways_of("a (b|c) (d|e|f)") == ways_of("a (b|c) (d|e|f)")
    assert len(ways_of("(a|b|c|d|e|f) (a|b|c|d|e|f) (a|b|c|d|e|f)", most=5)) == 5


def test_lessons_are_read_from_every_form(tmp_path: Path) -> None:
    path = tmp_path / "lessons.jsonl"
    path.write_text(
        '{"ways": "i (took|swallowed) it", "level": "emergency", "category": "overdose"}\n'
        '{"text": "bored to death", "level": "idiom"}\n'
        '{"text": "when do refills open"}\n',
        encoding="utf-8",
    )
    rows = read_rows([path])
    assert [row.level for row in rows] == [Level.EMERGENCY, Level.EMERGENCY, Level.NONE, Level.NONE]
    assert rows[0].weight == OF_MANY
    assert rows[0].category == "overdose"


def test_everyday_sentences_are_read_as_ordinary_and_grave_ones_are_left_out(tmp_path: Path) -> None:
    table = "1\t0.5\tWhat a lovely day &amp; night\n2\t-3.1\tI want to die\nbroken\n"
    (tmp_path / "some_GroundTruth.txt").write_text(table, encoding="utf-8")
    assert [(row.text, row.level) for row in read_background(tmp_path)] == [("What a lovely day & night", Level.NONE)]


def test_several_messages_in_one_keep_what_was_alarming() -> None:
    made = joined(_rows(), most=3)
    assert len(made) == 9
    assert sum(row.level.is_alarm for row in made) == 3
    assert joined([Row("what a lovely day", Level.NONE)], most=3) == []


UNLEARNED = ["blind-safety", "blind-safety-more", "crisis-dev", "everyday-chat", "questions-fresh", "questions-late"]


@pytest.mark.parametrize("name", UNLEARNED)
def test_nothing_is_learned_from_what_is_kept_for_measuring(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([f"{name}.jsonl"])
    assert "kept for measuring" in capsys.readouterr().err


def _rows() -> list[Row]:
    return [
        Row("i took all the pills and i want to die", Level.EMERGENCY),
        Row("what a lovely day for a walk", Level.NONE),
        Row("my brother wants to die", Level.CONCERN_FOR_OTHER),
        Row("i want to die tonight", Level.CRISIS),
        Row("i feel so hopeless", Level.DISTRESS),
    ]
