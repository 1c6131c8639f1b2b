"""A small knowledge of our own for the client's tests: a few pages, quick to index, with every kind of reply in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from bot.answering.model import (
    NEW,
    Choices,
    Conversation,
    Link,
    Question,
    Reason,
    RedirectReply,
    Reply,
    Silence,
    SmallTalkReply,
    Unknown,
)
from bot.answering.pipeline import Answerer
from bot.knowledge.model import Entry, Knowledge
from tests import shipped

KEPT = ("lithium", "ect", "tms", "quetiapine", "sertraline", "ketamine", "esketamine", "anhedonia", "remission")


@cache
def knowledge() -> Knowledge:
    """A part of the packaged knowledge, without links that lead out of it."""
    whole = shipped.brief()
    entries = {name: _inside(entry) for name, entry in whole.entries.items() if name in KEPT}
    look_alikes = whole.look_alikes.model_copy(update={"pairs": (), "known_not_covered": ()})
    vocabulary = whole.vocabulary.model_copy(update={"ambiguous": {}})
    changed = {"entries": entries, "look_alikes": look_alikes, "vocabulary": vocabulary, "families": ()}
    return whole.model_copy(update={**changed, "revision": "small"})


def _inside(entry: Entry) -> Entry:
    return entry.model_copy(update={"related": tuple(name for name in entry.related if name in KEPT)})


@cache
def answerer() -> Answerer:
    return Scripted(knowledge(), shipped.safety(), shipped.screen())


class Scripted(Answerer):
    """The real answerer, which gives prepared replies to a few prepared questions.

    How a question is matched is not the client's business; which kind of reply it must draw is.
    """

    def reply(self, question: Question, conversation: Conversation = NEW) -> tuple[Reply, Conversation]:
        prepared = SCRIPT.get(question.text)
        if prepared is None:
            return super().reply(question, conversation)
        return prepared, replace(conversation, at=question.now, previous=question.text)


SCRIPT: Mapping[str, Reply] = {
    "which one?": Choices(
        lead="Which of these do you mean?",
        options=(Link("lithium", "Lithium"), Link("ect", "ECT")),
        none_label="None of these",
        confidence=0.4,
    ),
    "something unheard of": Unknown(
        reason="not-found", text="I do not have an answer to that.", why=(Reason("decide", "far"),)
    ),
    "my dose": RedirectReply(
        redirect="dose", title="Your dose", text="Your prescriber can say.", related=(Link("lithium", "Lithium"),)
    ),
    "hello there": SmallTalkReply(small_talk="greeting", text="Hello. Ask me anything."),
    "not for you": Silence(reason="test"),
}
