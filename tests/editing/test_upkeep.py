from __future__ import annotations

from datetime import date, timedelta

from bot.editing.upkeep import MonthCount, Verdict, due, falling, month_before
from tests.editing.room import Room

DUE = date(2027, 5, 23)


async def test_reviews_come_due_and_long_overdue_ones_show_sources_only(room: Room) -> None:
    assert due(room.served, DUE - timedelta(days=15)) == ()
    soon = due(room.served, DUE - timedelta(days=14))
    assert [one.entry for one in soon] == ["adding-lithium", "lithium"]
    assert not soon[0].overdue
    late = due(room.served, DUE + timedelta(days=91))
    assert late[0].overdue
    assert late[0].sources_only
    lithium = room.served.entries["lithium"]
    assert not lithium.is_sources_only(DUE + timedelta(days=90))
    assert lithium.is_sources_only(DUE + timedelta(days=91))


def test_falling_helpfulness_rises_in_the_queue() -> None:
    def month(name: str, what: Verdict, when: str, count: int) -> MonthCount:
        return MonthCount(when, what.value, name, count)

    counts = [
        month("lithium/overview", Verdict.HELPFUL, "2026-08", 18),
        month("lithium/overview", Verdict.UNCLEAR, "2026-08", 2),
        month("lithium/overview", Verdict.HELPFUL, "2026-11", 6),
        month("lithium/overview", Verdict.OUT_OF_DATE, "2026-10", 4),
        month("tms/process", Verdict.HELPFUL, "2026-11", 9),
        month("tms/process", Verdict.UNCLEAR, "2026-11", 1),
        month("ect/overview", Verdict.UPSETTING, "2026-11", 4),
        month("ect/process", Verdict.UPSETTING, "2026-11", 5),
        MonthCount("2026-11", "reply", "answer", 99),
    ]
    found = falling(counts, "2026-11")
    assert [(one.entry, one.facet) for one in found] == [("ect", "process"), ("lithium", "overview")]
    assert round(found[1].fall, 2) == 0.3
    assert found[1].reason is Verdict.OUT_OF_DATE
    assert (found[0].lately, found[0].ratings, found[0].reason) == (0.0, 5, Verdict.UPSETTING)
    assert month_before("2026-01") == "2025-12"
    assert [verdict for verdict in Verdict if verdict.alerts_editors] == [Verdict.UPSETTING]
