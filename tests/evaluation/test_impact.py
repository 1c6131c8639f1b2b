"""What a draft would change, on a small knowledge base, held against asking everything again."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pytest

from bot.answering.model import Answer
from bot.answering.pipeline import Answerer
from bot.editing.checks import with_value
from bot.editing.drafts import EntryForm, change_entry
from bot.editing.ends import without_loose_ends
from bot.editing.model import Place, Subject
from bot.evaluation.baselines import Baseline, baseline, moved_by
from bot.evaluation.clusters import clusters
from bot.evaluation.impact import Assessor, Build, Impact, Turnout, assess, at_once, promised, rendering
from bot.evaluation.rows import QuestionRow, Turn
from bot.knowledge.loading import revise
from bot.knowledge.model import Combinations, Facet, ForeignName, Knowledge, LookAlikes
from tests import shipped

DAY = datetime(2026, 11, 24, tzinfo=UTC)
KEPT = ("lithium", "tms", "ect", "ketamine", "sertraline")
SENT = ("could a budgerigar in the room upset things", "a budgerigar in the room, a bad idea?")


def one(text: str, *expect: str) -> QuestionRow:
    return QuestionRow((Turn(text, expect, None),), "plain")


ROWS = (
    one("what is lithium", "lithium"),
    one("does ect hurt", "ect"),
    one("what is electroconvulsive therapy like", "ect"),
    one("is ketamine addictive", "ketamine"),
    one("what is sertraline", "sertraline"),
    one("who won the football"),
    QuestionRow((Turn("what is tms", ("tms",), None), Turn("and the side effects?", ("tms",), None)), "turns"),
)


def some(whole: Knowledge) -> Knowledge:
    """Some of the entries, so that building is quick."""
    kept = {key: one for key, one in whole.entries.items() if key in KEPT}
    words = whole.vocabulary.model_copy(update={"small_talk": ()})
    less = {"entries": kept, "redirects": {}, "look_alikes": LookAlikes(), "vocabulary": words}
    return revise(without_loose_ends(whole.model_copy(update=less), whole))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return some(shipped.brief())


@pytest.fixture(scope="module")
def build() -> Build:
    return shipped.answerer


@pytest.fixture(scope="module")
def answerer(knowledge: Knowledge, build: Build) -> Answerer:
    return build(knowledge)


@pytest.fixture(scope="module")
def before(answerer: Answerer) -> Baseline:
    return baseline(answerer, ROWS, SENT)


def with_form(knowledge: Knowledge, key: str, form: EntryForm) -> Knowledge:
    drafted = change_entry(knowledge.entries[key], form, knowledge, DAY.date())
    assert drafted.snapshot is not None
    return revise(with_value(knowledge, drafted.place, drafted.snapshot.value))


def changes(found: Impact) -> dict[str, tuple[str, str]]:
    return {one.text: (str(one.before), str(one.after)) for one in found.changed}


def test_a_baseline_holds_every_turn_and_every_sent_question(before: Baseline) -> None:
    assert len(before.asked) == 8 + len(SENT)
    assert sum(one.sent for one in before.asked) == 2
    assert before.told(before.asked[0]).landing.target == "lithium"


def test_no_change_has_no_impact(before: Baseline, knowledge: Knowledge, build: Build) -> None:
    found, _ = assess(before, knowledge, build)
    assert found.changed == ()
    assert "Changes no answer" in found.sentences[0]


def test_the_baseline_is_kept_until_the_knowledge_changes(answerer: Answerer, build: Build) -> None:
    assessor = Assessor(ROWS, build)
    first = assessor.warm(answerer)
    assert assessor.warm(answerer) is first
    assert not any(one.sent for one in first.asked), "nothing that a member sent is kept"


def test_what_is_about_to_be_served_is_read_beside_what_is(
    answerer: Answerer, knowledge: Knowledge, build: Build
) -> None:
    assessor = Assessor(ROWS, build)
    first = assessor.warm(answerer)
    coming = answerer.within(knowledge)
    at_once(assessor.reading(coming, is_served=False))
    second = assessor.warm(coming)
    assert (assessor.warm(answerer) is first, assessor.warm(coming) is second) == (True, True)
    at_once(assessor.reading(coming))
    assert assessor.warm(coming) is second
    assert assessor.warm(answerer) is not first, "what was served before is let go of"


def test_what_is_asked_ahead_is_what_is_told_when_needed(answerer: Answerer) -> None:
    ahead, needed = baseline(answerer, ROWS, SENT), baseline(answerer, ROWS, SENT)
    pieces = 0
    while ahead.ask_more(3):
        pieces += 1
    assert pieces == 3, "all rows once, and no question that a member sent"
    assert [ahead.told(one) for one in ahead.asked] == [needed.told(one) for one in needed.asked]


def test_what_a_publication_does_not_reach_is_known_at_once_and_asked_all_the_same(
    answerer: Answerer, knowledge: Knowledge, build: Build
) -> None:
    assessor = Assessor(ROWS, build)
    before = assessor.warm(answerer)
    assert before.ask_more(len(ROWS))
    published = build(with_form(knowledge, "sertraline", EntryForm(asks="how about the side effects?\nsertraline")))
    for after in (assessor.warm(published), Assessor((*ROWS, one("is it safe")), build, assessor).warm(published)):
        exact = baseline(published, [row.row for row in after.asked if not row.place])
        assert [after.told(row) for row in after.asked] == [exact.told(row) for row in exact.asked]
        kept = carried(before, after)
        assert "what is electroconvulsive therapy like" in kept
        assert {"what is sertraline", "and the side effects?"}.isdisjoint(kept), "what is reached is asked anew"
        assert after.ask_more(len(ROWS)), "what was only carried over is asked ahead like the rest"
        assert [after.told(row) for row in after.asked] == [exact.told(row) for row in exact.asked]


@pytest.mark.parametrize("part", ["vocabulary", "look_alikes", "families", "combinations"])
def test_nothing_is_known_at_once_after_more_than_pages_changed(
    answerer: Answerer, knowledge: Knowledge, part: str
) -> None:
    other: dict[str, object] = {
        "vocabulary": knowledge.vocabulary.model_copy(update={"ordinary": ("zebra",)}),
        "look_alikes": LookAlikes(known_not_covered=(ForeignName(name="zebrapine", what="An animal."),)),
        "families": (*knowledge.families, ("lithium", "sertraline")),
        "combinations": Combinations(),
    }
    before = baseline(answerer, ROWS)
    before.ask_more(len(ROWS))
    for update, is_carried in (({part: getattr(knowledge, part)}, True), ({part: other[part]}, False)):
        served = answerer.within(revise(knowledge.model_copy(update=update)))
        assert bool(carried(before, baseline(served, ROWS).following(before))) is is_carried


def carried(before: Baseline, after: Baseline) -> set[str]:
    """The questions of which ``after`` knows the answer from ``before``."""
    pairs = zip(before.asked, after.asked, strict=False)
    return {new.turn.text for old, new in pairs if after.told(new) is before.told(old)}


def test_the_trials_are_asked_once_whatever_joins_them(answerer: Answerer) -> None:
    trials = baseline(answerer, ROWS)
    joined = trials.joined(baseline(answerer, (), SENT))
    for one in joined.asked:
        joined.told(one)
    assert not trials.ask_more(1), "the trials were asked for both"


def test_sent_questions_join_the_trials(answerer: Answerer, before: Baseline) -> None:
    trials, sent = baseline(answerer, ROWS), baseline(answerer, (), SENT)
    assert trials.joined(sent) == before


def test_one_more_ask_stirs_only_what_is_near_it(build: Build) -> None:
    """Among as many asks as the shipped pages have: with fewer, each counts for more."""
    full = some(shipped.knowledge())
    asks = (*full.entries["ect"].asks, "zebras wobble under purple lampshades")
    built = [build(one) for one in (full, with_form(full, "ect", EntryForm(asks="\n".join(asks))))]
    for row in ROWS:
        (before, after) = (_separated(one, row.turns[0].text) for one in built)
        assert np.abs(before - after).max() < 0.01, row.turns[0].text


def _separated(answerer: Answerer, text: str) -> npt.NDArray[np.float32]:
    index = answerer.mind.index
    return index.separators.scores(*index.space.known(index.reader.read(text).plain))


def test_a_theft_is_named(before: Baseline, knowledge: Knowledge, build: Build) -> None:
    aliases = [*knowledge.entries["tms"].aliases, "ect", "electroconvulsive therapy", "electroconvulsive"]
    ect = knowledge.entries["ect"].model_copy(update={"aliases": (), "title": "Shock treatment", "asks": ("shocks",)})
    robbed = with_value(knowledge, Place(Subject.ENTRY, "ect"), ect)
    draft = with_form(robbed, "tms", EntryForm(aliases="\n".join(aliases)))
    found, preview = assess(before, draft, build)
    assert preview.revision == draft.revision != before.revision
    stolen = [text for text, (old, new) in changes(found).items() if (old, new) == ("ect", "tms")]
    assert stolen
    assert sum(one.turnout is Turnout.WORSE for one in found.changed if not one.sent) >= len(stolen)
    questions = "1 test question" if len(stolen) == 1 else f"{len(stolen)} test questions"
    assert f"takes {questions} from ect to tms" in found.sentences


def test_sent_questions_that_get_an_answer_are_counted(before: Baseline, knowledge: Knowledge, build: Build) -> None:
    more = (*SENT, "budgerigar tms", "TMS with a budgerigar in the room", "the coil and my budgerigar")
    draft = with_form(knowledge, "tms", EntryForm(asks="\n".join((*knowledge.entries["tms"].asks, *more))))
    found, preview = assess(before, draft, build)
    assert "answers 2 recent unanswered questions" in found.sentences, found
    assert promised(preview, SENT, "tms") == ()
    assert promised(preview, SENT, "ect") == SENT


def test_what_is_not_asked_again_would_not_have_changed(before: Baseline, knowledge: Knowledge, build: Build) -> None:
    drafts = [
        revise(without_loose_ends(with_value(knowledge, Place(Subject.ENTRY, "ketamine"), None), knowledge)),
        with_form(knowledge, "lithium", EntryForm(aliases="lithium carbonate, Priadel, the salt, football")),
        with_form(knowledge, "sertraline", EntryForm(asks="and the side effects?\nside effects\nthe side effects")),
    ]
    for draft in drafts:
        found, preview = assess(before, draft, build)
        again = baseline(preview, ROWS, SENT)
        differing = [
            old.turn.text
            for old, new in zip(before.asked, again.asked, strict=True)
            if before.told(old) != again.told(new)
        ]
        assert sorted(one.text for one in found.changed) == sorted(differing)


def test_of_what_is_only_stirred_the_most_stirred_are_asked(before: Baseline, knowledge: Knowledge) -> None:
    draft = with_form(knowledge, "sertraline", EntryForm(asks="and the side effects?\nside effects\nthe side effects"))
    built = shipped.answerer(draft)
    after = before.likeness_in(built.mind.index)
    none, one, every = (moved_by(built, before, after, most) for most in (0, 1, None))
    assert not ((none & ~one) | (one & ~every)).any(), "what is named or near is asked in any case"
    assert int(one.sum()) == int(none.sum()) + 1 < int(every.sum())


def test_the_rendering_is_what_members_get(knowledge: Knowledge, answerer: Answerer) -> None:
    rendered = rendering(answerer, knowledge, "lithium", DAY)
    assert len(rendered) == len(knowledge.entries["lithium"].facets)
    shown, _ = answerer.show("lithium", Facet.OVERVIEW, DAY)
    assert isinstance(rendered[0], Answer)
    assert isinstance(shown, Answer)
    assert rendered[0].passages == shown.passages
    assert rendering(answerer, knowledge, "nowhere", DAY) == ()


def test_like_questions_are_grouped_and_unlike_ones_are_not(answerer: Answerer) -> None:
    texts = [
        "does the sauna harm kidneys on lithium",
        "how loud are the magnets in tms",
        "sauna and kidneys with lithium, harmful?",
        "is the sauna bad for kidneys when on lithium",
        "my cat likes fish",
    ]
    groups = clusters(answerer.mind, texts)
    assert sorted(groups[0].members) == [0, 2, 3]
    assert groups[0].nearest == "lithium"
    assert {member for group in groups for member in group.members} == set(range(5))
    assert all(len(group.members) == 1 for group in groups[1:])
    assert clusters(answerer.mind, []) == ()
    assert clusters(answerer.mind, texts) == groups
