"""The two statements that SQL dialects spell differently."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert, insert


def insert_or_ignore(table: Table, values: Mapping[str, Any]) -> Insert:
    """Insert a row unless its key is there."""
    return insert(table).values(values).on_conflict_do_nothing()


def insert_or_update(table: Table, values: Mapping[str, Any]) -> Insert:
    """Insert a row, or change the other columns of the one with its key."""
    keys = [column.name for column in table.primary_key]
    changes = {name: value for name, value in values.items() if name not in keys}
    return insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=changes)


@cache
def counting(table: Table) -> Insert:
    """Count one more in a table whose only other column is ``count``; give the key and ``count: 1`` as values."""
    keys = [column.name for column in table.primary_key]
    return insert(table).on_conflict_do_update(index_elements=keys, set_={"count": table.c["count"] + 1})


def add_to(table: Table, key: Mapping[str, Any], **amounts: int) -> Insert:
    """Add amounts to a row's counters; the row is made when it is not there."""
    changes = {name: table.c[name] + amount for name, amount in amounts.items()}
    start = {column.name: 0 for column in table.columns if column.default is not None and not column.primary_key}
    statement = insert(table).values({**start, **key, **amounts})
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)
