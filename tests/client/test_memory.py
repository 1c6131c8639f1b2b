"""What is remembered in memory has an upper bound, and paces are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.answering.model import Conversation, Level, SupportMemory
from bot.client.desk import not_ahead
from bot.client.memory import Cooldowns, Lately, Pace


@given(st.lists(st.tuples(st.integers(0, 20), st.integers()), max_size=200), st.integers(1, 10))
def test_the_latest_values_are_kept_and_no_more(puts: list[tuple[int, int]], limit: int) -> None:
    lately: Lately[int, int] = Lately(limit)
    for key, value in puts:
        lately.put(key, value)
    assert len(lately) <= limit
    latest = list(dict.fromkeys(key for key, _ in reversed(puts)))[:limit]
    assert all(lately.get(key) == dict(puts)[key] for key in latest)


def test_what_is_read_is_kept_longer() -> None:
    lately: Lately[str, int] = Lately(2)
    lately.put("a", 1)
    lately.put("b", 2)
    lately.get("a")
    lately.put("c", 3)
    assert "a" in lately
    assert "b" not in lately


def test_a_person_and_a_channel_have_their_pace_and_get_over_it() -> None:
    now = [0.0]
    cooldowns = Cooldowns(person=Pace(2, 10.0), channel=Pace(3, 10.0), clock=lambda: now[0])
    assert [cooldowns.wait(1, 100) for _ in range(2)] == [0.0, 0.0]
    assert cooldowns.wait(1, 100) == 10.0
    assert cooldowns.wait(2, 100) == 0.0
    assert cooldowns.wait(3, 100) == 10.0
    assert cooldowns.wait(3, 101) == 0.0
    now[0] = 10.0
    assert cooldowns.wait(1, 100) == 0.0


def test_a_refused_turn_costs_nothing() -> None:
    now = [0.0]
    cooldowns = Cooldowns(person=Pace(1, 10.0), channel=Pace(9, 10.0), clock=lambda: now[0])
    cooldowns.wait(1, 5)
    now[0] = 9.0
    assert cooldowns.wait(1, 5) == 1.0
    now[0] = 10.0
    assert cooldowns.wait(1, 5) == 0.0


def test_a_conversation_goes_on_when_the_clock_is_set_back() -> None:
    before, now = datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)
    shown = SupportMemory(Level.CRISIS, shown_at=before - timedelta(hours=2))
    talk = Conversation(at=before, topics=("lithium",), support=shown)
    after = not_ahead(talk, now)
    assert (after.at, after.topics, after.support) == (now, ("lithium",), shown)
    just_shown = Conversation(at=before, support=SupportMemory(Level.CRISIS, shown_at=before))
    assert not_ahead(just_shown, now).support.shown_at == now
    assert not_ahead(talk, before + timedelta(minutes=1)) is talk
