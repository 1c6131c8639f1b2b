"""What a message says when names are blanked: whether it is for a page at all."""

from __future__ import annotations

import pytest

from bot.answering.framing import Frames, frame_of, learn_frames
from bot.answering.numbering import numbered
from bot.answering.pipeline import Answerer
from tests.talk import ask

MARKS = {"modafinil": "@medicine", "lithium": "@medicine", "relapse": "@definition"}
FOR_A_PAGE = ["what does @modafinil do", "how long does @lithium take", "what does @lithium do", "is @relapse common"]
ELSEWHERE = ["pay you for @lithium", "selling @lithium cheap", "my cat is called @relapse", "who pays you for @relapse"]
PLAIN = [tuple(text.split()) for text in (*FOR_A_PAGE, *ELSEWHERE)] * 4
TEXTS = [" ".join(plain) for plain in PLAIN]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return learned()


def learned() -> Frames:
    return learn_frames(numbered(PLAIN), [text in ELSEWHERE for text in TEXTS], TEXTS, MARKS)


def test_a_frame_keeps_of_a_name_only_its_sort() -> None:
    plain = ["swap", "@modafinil", "@@stimulant", "for", "@foreign"]
    assert frame_of(plain, MARKS) == ("<", "swap", "@medicine", "for", "@foreign", ">")


def test_what_was_learned_with_one_name_holds_for_another_of_its_sort(frames: Frames) -> None:
    assert frames.elsewhere(("pay", "you", "for", "@modafinil")) > 0
    assert frames.elsewhere(("how", "long", "does", "@modafinil", "take")) < 0


def test_the_same_phrasings_give_the_same_frames(frames: Frames) -> None:
    assert learned().weights.tolist() == frames.weights.tolist()


@pytest.mark.parametrize("plain", [[], ["never", "heard", "words"], ["@unknown"] * 500])
def test_strange_and_empty_messages_have_a_bounded_figure(frames: Frames, plain: list[str]) -> None:
    assert -6 <= frames.elsewhere(plain) <= 6


@pytest.mark.parametrize("elsewhere", [True, False])
def test_nothing_is_learned_where_there_is_nothing_to_tell_apart(elsewhere: bool) -> None:
    assert learn_frames(numbered([["a", "b"]] * 3), [elsewhere] * 3, ["a b"] * 3, MARKS).elsewhere(["a", "b"]) == 0
    assert learn_frames(numbered([]), [], [], MARKS).elsewhere(["a"]) == 0


@pytest.mark.parametrize("name", ["lithium", "modafinil", "quetiapine"])
def test_offers_and_news_are_not_answered_with_the_page_that_they_name(answerer: Answerer, name: str) -> None:
    assert ask(answerer, f"what does {name} do?")["kind"] == "answer"
    for text in (f"who is selling {name}, i can pay by paypal", f"will you write me a prescription for {name}"):
        assert ask(answerer, text)["kind"] in ("redirect", "unknown", "choices")


def test_whether_somebody_has_an_illness_is_not_answered_with_its_page(answerer: Answerer) -> None:
    assert ask(answerer, "bipolar")["kind"] == "answer"
    assert ask(answerer, "do i have bipolar")["kind"] == "redirect"
