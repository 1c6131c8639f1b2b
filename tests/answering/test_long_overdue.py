"""A page of high stakes that nobody read again in time gives its sources and none of its words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from bot.answering.model import Answer, Comparison, Reply
from bot.answering.pipeline import Answerer
from bot.answering.plain import plain
from bot.knowledge.model import MARK, Facet, Stakes

ENTRY = "lithium"


def days_after_due(answerer: Answerer, days: int, entry: str = ENTRY) -> datetime:
    due = answerer.knowledge.entries[entry].review.due
    return datetime.combine(due + timedelta(days=days), time(12), UTC)


def words(answerer: Answerer, facet: Facet, entry: str = ENTRY) -> str:
    """The facet's first sentence as members read it."""
    return MARK.split(answerer.knowledge.entries[entry].facets[facet])[0].strip()


def shown(answerer: Answerer, days: int, facet: Facet = Facet.OVERVIEW, entry: str = ENTRY) -> Answer:
    reply: Reply = answerer.show(entry, facet, days_after_due(answerer, days, entry), "GB")[0]
    assert isinstance(reply, Answer)
    return reply


def test_overdue_is_said_and_the_words_still_stand(answerer: Answerer) -> None:
    reply = shown(answerer, 90)
    assert reply.passages[0].overdue
    assert "It was due to be read again in" in plain(reply)
    assert words(answerer, Facet.OVERVIEW) in plain(reply)
    assert not shown(answerer, 0).passages[0].overdue


def test_long_overdue_and_of_high_stakes_gives_sources_only(answerer: Answerer) -> None:
    assert answerer.knowledge.entries[ENTRY].stakes is Stakes.HIGH
    for facet in answerer.knowledge.entries[ENTRY].facets:
        before, reply = shown(answerer, 90, facet), shown(answerer, 91, facet)
        (part,) = reply.passages
        assert "only its sources are shown" in part.sentences[0].text
        assert words(answerer, facet) not in plain(reply)
        assert part.certainty is None
        assert part.region == ()
        assert part.terms == ()
        assert {source.id for source in reply.sources} <= {source.id for source in before.sources}
        assert set(part.sentences[0].cites) == {source.number for source in reply.sources}
        assert reply.notices == before.notices, "warnings are never left out"
    assert shown(answerer, 91).sources


def test_other_stakes_keep_their_words_and_say_that_they_are_overdue(answerer: Answerer) -> None:
    entry = next(one for one in answerer.knowledge.entries.values() if one.stakes is not Stakes.HIGH)
    reply = shown(answerer, 900, Facet.OVERVIEW, entry.id)
    assert reply.passages[0].overdue
    assert words(answerer, Facet.OVERVIEW, entry.id) in plain(reply)


def test_a_comparison_shows_no_long_overdue_words_either(answerer: Answerer) -> None:
    reply = answerer.compare((ENTRY, "quetiapine"), days_after_due(answerer, 400))[0]
    assert isinstance(reply, Comparison)
    cells = [row.cells[0][0].text for row in reply.rows if row.cells[0]]
    assert cells
    assert all("only its sources are shown" in text for text in cells)
