"""What the program comes with, read and compiled once for all tests of a process. All of it is frozen."""

from __future__ import annotations

from functools import cache
from typing import Final, TypeVar

from bot.answering.pipeline import Answerer
from bot.answering.screening import Screen
from bot.knowledge.loading import load_knowledge
from bot.knowledge.locating import packaged
from bot.knowledge.model import Entry, Knowledge, Redirect, SmallTalk
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety

ASKS: Final = 48
OUTSIDE: Final = 10 * ASKS
"""How many messages that are for somebody else; with much fewer, strange words are taken for a redirect's."""
T = TypeVar("T", Entry, Redirect, SmallTalk)


@cache
def safety() -> Safety:
    """The safety data."""
    return load_safety(packaged() / "safety")


@cache
def screen() -> Screen:
    """The screen of the safety data."""
    return Screen(safety())


@cache
def knowledge() -> Knowledge:
    """The whole knowledge; made into an answerer by the ``answerer`` fixture alone, since that takes long."""
    return load_knowledge(packaged()).knowledge


@cache
def brief() -> Knowledge:
    """The knowledge with a few ways of asking for each thing: what is made of a few of its pages is quick to index."""
    whole, words = knowledge(), knowledge().vocabulary
    talk = tuple(_briefly(one) for one in words.small_talk)
    vocabulary = words.model_copy(update={"small_talk": talk, "outside": words.outside[:OUTSIDE]})
    entries = {key: _briefly(one) for key, one in whole.entries.items()}
    redirects = {key: _briefly(one) for key, one in whole.redirects.items()}
    return whole.model_copy(update={"entries": entries, "redirects": redirects, "vocabulary": vocabulary})


def _briefly(one: T) -> T:
    return one.model_copy(update={"asks": one.asks[:ASKS]})


def answerer(of: Knowledge) -> Answerer:
    """An answerer for a small knowledge, with the safety data."""
    return Answerer(of, safety(), screen())
