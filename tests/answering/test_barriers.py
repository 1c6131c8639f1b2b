"""Worries about asking for help, and an age that was said before: what a conversation in danger leans on."""

from __future__ import annotations

import pytest

from bot.answering.model import Level, Mode, Support, SupportButton
from bot.answering.safety.barriers import Barriers
from bot.answering.support import answer_button
from bot.knowledge.model import Knowledge
from tests import shipped
from tests.talk import NOW, Talk

CRISIS = "i want to kill myself"


@pytest.fixture
def talk() -> Talk:
    """With somebody who has no knowledge base to ask: support needs none."""
    return Talk(shipped.answerer(Knowledge()))


def barrier(name: str) -> str:
    return next(one.reply for one in shipped.safety().barriers if one.id == name)


@pytest.mark.parametrize("one", shipped.safety().barriers, ids=lambda one: one.id)
def test_every_way_of_asking_finds_its_worry(one: object) -> None:
    found = Barriers(shipped.safety().barriers)
    assert {found.of(f"{ask}!!") for ask in one.asks} == {one}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Will they call the police on me?", "will-they-call-the-police"),
        ("calling wont help", "it-will-not-help"),
        ("the lines are busy", "the-line-was-busy"),
        ("I can't talk on the phone rn", "i-cannot-talk-aloud"),
        ("im not bad enough to call them", "am-i-bad-enough"),
        ("will they tell my mum", "is-it-private"),
        ("are you going to tell the moderators", "do-you-tell-anyone"),
    ],
)
def test_a_worry_is_answered_after_support_with_the_lines_again(talk: Talk, text: str, name: str) -> None:
    talk.say(CRISIS, country="GB")
    reply = talk.say(text, country="GB")
    assert isinstance(reply, Support)
    assert reply.text.startswith(barrier(name))
    assert "116 123" in reply.text
    assert not reply.full, "nobody is told, and the full panel does not come again"
    assert reply.public == barrier(name), "a channel may read it"


def test_a_worry_is_not_answered_twice_in_the_same_words(talk: Talk) -> None:
    talk.say(CRISIS)
    said = [talk.say("it won't help") for _ in range(3)]
    texts = [one.text for one in said if isinstance(one, Support)]
    assert len(texts) == 3
    assert texts[0] != texts[1] != texts[2]


@pytest.mark.parametrize(
    "text", ["what is lithium", "will it help", "thanks", "i called my doctor", "i hate phone games"]
)
def test_other_words_are_no_worry(talk: Talk, text: str) -> None:
    talk.say(CRISIS)
    assert not isinstance(talk.say(text), Support)


def test_without_support_before_or_overheard_the_same_words_are_a_message_like_any_other(talk: Talk) -> None:
    assert not isinstance(talk.say("it won't help"), Support)
    talk.say(CRISIS)
    assert not isinstance(talk.say("it won't help", mode=Mode.OVERHEARD), Support)
    talk.wait(31)
    assert not isinstance(talk.say("it won't help"), Support)


def test_of_a_page_that_is_named_it_is_no_worry() -> None:
    small = Talk(shipped.answerer(_some()))
    small.say(CRISIS)
    reply = small.say("ect won't help")
    assert not (isinstance(reply, Support) and reply.wording.startswith("barrier"))


def _some() -> Knowledge:
    whole = shipped.brief()
    return whole.model_copy(update={"entries": {"ect": whole.entries["ect"]}, "redirects": {}})


def test_danger_comes_before_a_worry(talk: Talk) -> None:
    talk.say(CRISIS)
    reply = talk.say("calling won't help, i just took all of my pills")
    assert isinstance(reply, Support)
    assert (reply.screening.level, reply.full) == (Level.EMERGENCY, True)


def test_an_age_that_was_said_before_brings_the_youth_line_first_and_a_trusted_adult(talk: Talk) -> None:
    talk.say("hi, i'm 15 and i have a question")
    talk.say("how do people get help")
    reply = talk.say(CRISIS, country="GB")
    assert isinstance(reply, Support)
    assert reply.lines[0].kind == "youth"
    assert "adult you trust" in reply.text
    pressed, _ = answer_button(SupportButton.NOT_SAFE_NOW, talk.conversation.support, NOW, "GB", shipped.safety())
    assert isinstance(pressed, Support)
    assert pressed.lines[0].kind == "youth"
    assert "adult you trust" in pressed.text


def test_abuse_that_a_minor_tells_of_names_a_line_and_a_trusted_adult(talk: Talk) -> None:
    talk.say("im 14")
    reply = talk.say("my dad beats me every night", country="GB")
    assert isinstance(reply, Support)
    assert reply.lines[0].kind == "youth"
    assert "adult you trust" in reply.text


@pytest.mark.parametrize(
    "text", ["i'm 45", "my son is 15", "15 weeks of tms", "i take it at 15:00", "lithium for 16 years"]
)
def test_other_numbers_make_nobody_young(text: str) -> None:
    assert not shipped.screen().screen(text).minor
