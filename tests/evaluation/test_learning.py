"""Learning: what labelled rows say of the pages."""

from __future__ import annotations

from bot.answering.comparing import proposals
from bot.answering.leaning import Leaning
from bot.answering.model import NEW, Question
from bot.answering.pipeline import Answerer
from bot.answering.text import words_of
from bot.answering.thinking import Case, think
from bot.evaluation.comparisons import learn_comparing
from bot.evaluation.learning import twins
from bot.evaluation.rows import QuestionRow, Turn
from bot.evaluation.scoring import COMPARE
from bot.evaluation.wordings import learn_leaning
from tests.talk import NOW


def row(*expected: tuple[str, ...], style: str = "plain") -> QuestionRow:
    return QuestionRow(tuple(Turn("q", expect, None) for expect in expected), style)


def test_pages_that_answer_the_same_questions_are_twins_both_ways() -> None:
    found = twins([row(("ect", "try-ect")), row(("try-ect", "ect"), ("ect",)), row(("ect",), ("tms",))])
    assert found == {"ect": {"try-ect": 0.67}, "try-ect": {"ect": 0.67}}


def test_the_sides_of_a_comparison_are_no_twins() -> None:
    assert twins([row(("ect", "tms"), style=COMPARE)]) == {}


def test_pages_that_seldom_answer_the_same_are_no_twins() -> None:
    apart = [row(("ect",)), row(("tms",))] * 20
    assert twins([*apart, row(("ect", "tms"))]) == {}


def talk(*turns: tuple[str, str]) -> QuestionRow:
    return QuestionRow(tuple(Turn(text, (entry,), None) for text, entry in turns), "conversation")


TALKS = [
    talk(("what is ect", "ect"), ("how long does it take", "ect"), ("how do i find a clinic", "how-to-find-a-doctor")),
    talk(("what is tms", "tms"), ("how long does it go on", "tms"), ("how do i find one", "how-to-find-a-doctor")),
]


def test_words_that_keep_to_the_topic_are_told_from_those_that_leave_it(answerer: Answerer) -> None:
    leaning = learn_leaning(answerer.mind.index.reader, TALKS)
    read = answerer.mind.index.reader.read
    assert leaning.keeps(read("how long does that take")) > 0 > leaning.keeps(read("find one near me"))


def test_which_page_is_asked_for_after_which_is_counted(answerer: Answerer) -> None:
    after = learn_leaning(answerer.mind.index.reader, TALKS).after
    assert after == {"ect": {"how-to-find-a-doctor": 1}, "tms": {"how-to-find-a-doctor": 1}}


def test_how_talk_goes_on_is_stored_without_loss(answerer: Answerer) -> None:
    leaning = learn_leaning(answerer.mind.index.reader, TALKS)
    again = Leaning.from_data(leaning.to_data())
    read = answerer.mind.index.reader.read
    assert again.after == leaning.after
    for text in ("how long does that take", "find one near me", "?", ""):
        assert abs(again.keeps(read(text)) - leaning.keeps(read(text))) < 0.1


# --- comparisons ---------------------------------------------------------------------------------------------------

COMPARED = ["tms or ect", "sertraline vs venlafaxine", "lithium or quetiapine", "is ketamine better than esketamine"]
NEAR = [
    "is it six weeks or eight with sertraline",
    "does ect hurt or not",
    "can i take lithium in the morning or at night",
]


def test_messages_that_compare_are_told_from_those_that_only_look_like_it(answerer: Answerer) -> None:
    mind = answerer.mind
    pairs = (("tms", "ect"), ("sertraline", "venlafaxine"), ("lithium", "quetiapine"), ("ketamine", "esketamine"))
    rows = [QuestionRow((Turn(text, sides, None),), COMPARE) for text, sides in zip(COMPARED, pairs, strict=True)] + [
        QuestionRow((Turn(text, ("sertraline",), None),), "plain") for text in NEAR
    ]
    weights, report = learn_comparing(mind, rows * 3)

    def likely(text: str) -> float:
        case = Case(mind, Question(text, NOW), NEW, think(mind, words_of(text), NEW))
        return max((float(one.figures @ weights) for one in proposals(case)), default=-9.0)

    assert min(map(likely, COMPARED)) > max(map(likely, NEAR))
    assert "of 12" in report
