"""Previews of drafts, held against full builds on a small knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from bot.answering.model import Question
from bot.answering.pipeline import Answerer
from bot.answering.protocol import to_row
from bot.editing.checks import with_value
from bot.editing.ends import without_loose_ends
from bot.editing.model import Place, Subject, Value
from bot.knowledge.loading import load_knowledge, revise
from bot.knowledge.locating import packaged
from bot.knowledge.model import Kind, Knowledge, LookAlikes
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety

NOW = datetime(2026, 11, 29, tzinfo=UTC)
KEPT = ("lithium", "tms", "ect", "ketamine", "sertraline")
ASKED_OF_EACH = 20
LEAST_ALIKE = 0.96
HELMETS = (
    "what is a squeaky helmet for",
    "do squeaky helmets calm people",
    "where can a squeaky helmet be bought",
    "helmets that squeak, any good",
)
ODD = ("the squeaky wardrobe helmet, does it itch", "will the squeaky wardrobe helmet keep me awake")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    whole = load_knowledge(packaged()).knowledge
    kept = {key: one for key, one in whole.entries.items() if key in KEPT}
    words = whole.vocabulary.model_copy(update={"small_talk": (), "outside": whole.vocabulary.outside[:400]})
    less = {"entries": kept, "redirects": {}, "look_alikes": LookAlikes(), "vocabulary": words}
    return revise(without_loose_ends(whole.model_copy(update=less), whole))


@pytest.fixture(scope="module")
def safety() -> Safety:
    """The shipped safety data without its rules, which take longer to compile than all the rest."""
    return load_safety(packaged() / "safety").model_copy(update={"rules": ()})


@pytest.fixture(scope="module")
def served(knowledge: Knowledge, safety: Safety) -> Answerer:
    return Answerer(knowledge, safety)


def laid(knowledge: Knowledge, key: str, value: Value | None) -> Knowledge:
    return revise(without_loose_ends(with_value(knowledge, Place(Subject.ENTRY, key), value), knowledge))


def changed(knowledge: Knowledge, key: str, **changes: Any) -> Knowledge:
    return laid(knowledge, key, knowledge.entries[key].model_copy(update=changes))


def answers(answerer: Answerer, knowledge: Knowledge) -> Mapping[str, tuple[str, tuple[str, ...], str | None]]:
    texts = [*ODD, "who won the football", "is the zapper worth it"]
    texts += [text for page in knowledge.entries.values() for text in page.asks[:ASKED_OF_EACH]]
    rows = {text: to_row(answerer.reply(Question(text, NOW))[0], "") for text in texts}
    return {text: (row["kind"], tuple(row["entries"]), row["facet"]) for text, row in rows.items()}


def test_a_preview_answers_nearly_as_a_full_build(knowledge: Knowledge, served: Answerer, safety: Safety) -> None:
    tms, ect = knowledge.entries["tms"], knowledge.entries["ect"]
    draft = changed(knowledge, "tms", asks=(*tms.asks[3:], *ODD), aliases=(*tms.aliases, "zapper"))
    draft = changed(draft, "ect", facets={**ect.facets, next(iter(ect.facets)): "A short one."})
    page = ect.model_copy(update={"id": "helmets", "title": "Squeaky helmets", "aliases": ("helmet",), "asks": HELMETS})
    draft = laid(draft, "helmets", page)
    before = served.mind.index.separators.weights.copy()
    preview, full = served.preview(draft), Answerer(draft, safety)
    assert preview is not None
    assert preview.revision == draft.revision
    near, wanted = answers(preview, draft), answers(full, draft)
    assert sum(near[text] == wanted[text] for text in wanted) / len(wanted) >= LEAST_ALIKE
    for text in (*ODD, *HELMETS[:3], "is the zapper worth it"):
        assert near[text] == wanted[text], text
    assert preview.mind.index.targets == full.mind.index.targets
    assert preview.mind.index.phrasings.labels == full.mind.index.phrasings.labels
    assert preview.mind.index.frames.marks == full.mind.index.frames.marks, "the name of a new page is no strange word"
    assert np.array_equal(before, served.mind.index.separators.weights), "what is served is not touched"


def test_a_page_of_another_sort_is_named_as_such(knowledge: Knowledge, served: Answerer) -> None:
    page = knowledge.entries["ect"].model_copy(update={"id": "helmets", "title": "Helmets", "aliases": (), "asks": ()})
    with_page = laid(knowledge, "helmets", page.model_copy(update={"kind": Kind.FAQ}))
    before = served.preview(with_page)
    assert before is not None
    after = before.preview(changed(with_page, "helmets", kind=Kind.ARTICLE))
    assert after is not None
    assert [one.mind.index.frames.marks["helmets"] for one in (before, after)] == ["@faq", "@article"]


def test_a_retired_page_is_nobodys_answer_in_a_preview(knowledge: Knowledge, served: Answerer, safety: Safety) -> None:
    few = changed(knowledge, "ketamine", asks=knowledge.entries["ketamine"].asks[:5])
    with_few = served.preview(few)
    assert with_few is None, "most of a page's asks are more than a little of so small a knowledge"
    preview = Answerer(few, safety).preview(laid(few, "ketamine", None))
    assert preview is not None
    assert all("ketamine" not in entries for _, entries, _ in answers(preview, knowledge).values())


def test_what_is_no_page_is_not_previewed(knowledge: Knowledge, served: Answerer) -> None:
    words = knowledge.vocabulary.model_copy(update={"ordinary": (*knowledge.vocabulary.ordinary, "zapper")})
    assert served.preview(revise(knowledge.model_copy(update={"vocabulary": words}))) is None
