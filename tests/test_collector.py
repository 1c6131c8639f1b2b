"""While the program starts nothing is collected; afterwards everything is as it was."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.collector import is_due, serving, sweep, uncollected


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.enable()
    gc.set_threshold(*thresholds)


def test_nothing_is_collected_within_and_all_is_as_before_afterwards() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled(), "the outer one is not over yet"
    assert gc.isenabled()


def test_a_fault_leaves_the_collector_on() -> None:
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_what_is_kept_is_not_walked_again() -> None:
    before = gc.get_freeze_count()
    with uncollected(kept=True):
        made = [[] for _ in range(1000)]  # type: list[list[int]]
    assert gc.get_freeze_count() >= before + len(made)


class _Circle:
    """Refers to itself, as a Discord message's buttons refer to the message."""

    def __init__(self) -> None:
        self.itself = self


def test_a_process_that_serves_walks_everything_only_when_told_to() -> None:
    serving()
    before = gc.get_stats()[2]["collections"]
    for _ in range(200_000):
        _Circle()
    assert gc.get_stats()[2]["collections"] == before
    assert is_due()
    assert gc.get_stats()[0]["collections"] > 0
    circle = _Circle()
    gone = weakref.ref(circle)
    del circle
    sweep()
    assert gone() is None
    assert not is_due()
