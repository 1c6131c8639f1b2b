"""A small knowledge of our own for the client's tests: a few pages, quick to index, with every kind of reply in it."""

from __future__ import annotations

from functools import cache

from bot.answering.pipeline import Answerer
from bot.knowledge.loading import load_knowledge
from bot.knowledge.locating import packaged
from bot.knowledge.model import Entry, Knowledge
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety

KEPT = ("lithium", "ect", "tms", "quetiapine", "sertraline", "ketamine", "esketamine", "anhedonia", "remission")


@cache
def safety() -> Safety:
    return load_safety(None)


@cache
def knowledge() -> Knowledge:
    """A part of the packaged knowledge, without links that lead out of it."""
    whole = load_knowledge(packaged()).knowledge
    entries = {name: _inside(entry) for name, entry in whole.entries.items() if name in KEPT}
    look_alikes = whole.look_alikes.model_copy(update={"pairs": (), "known_not_covered": ()})
    return whole.model_copy(update={"entries": entries, "look_alikes": look_alikes, "revision": "small"})


def _inside(entry: Entry) -> Entry:
    return entry.model_copy(update={"related": tuple(name for name in entry.related if name in KEPT)})


@cache
def answerer() -> Answerer:
    return Answerer(knowledge(), safety())
