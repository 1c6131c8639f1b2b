"""The same trouble is told once."""

from __future__ import annotations

import logging

from bot.operations.logs import REMEMBERED, SaidOnce


def record(text: str, level: int = logging.ERROR, name: str = "bot") -> logging.LogRecord:
    return logging.LogRecord(name, level, "file", 1, "what=%s", (text,), None)


def test_the_same_error_is_written_once_in_ten_minutes_and_then_counted() -> None:
    clock = iter([0.0, 1.0, 599.0, 601.0, 602.0])
    once = SaidOnce(clock=lambda: next(clock))
    assert [once.filter(record("full")) for _ in range(3)] == [True, False, False]
    again = record("full")
    assert once.filter(again)
    assert again.getMessage() == "what=full repeated=2"
    assert not once.filter(record("full"))


def test_other_errors_and_ordinary_lines_always_get_through() -> None:
    once = SaidOnce(clock=lambda: 0.0)
    assert all(once.filter(record("answered", logging.INFO)) for _ in range(3))
    assert once.filter(record("full"))
    assert once.filter(record("damaged"))
    assert once.filter(record("full", name="other"))


def test_it_remembers_a_bounded_number() -> None:
    once = SaidOnce(clock=lambda: 0.0)
    assert all(once.filter(record(str(number))) for number in range(REMEMBERED + 1))
    assert once.filter(record("0"))
    assert not once.filter(record(str(REMEMBERED)))
