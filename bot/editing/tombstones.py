"""What was hidden in an emergency, as a file beside the knowledge, so that an export does not bring it back.

``hidden.yaml`` is a list of places with the day and the reason; it is written by an export and read at every start.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.editing.model import Edit, Place, Subject
from bot.editing.states import State
from bot.knowledge.strict_yaml import parse

FILE: Final = "hidden.yaml"
_HEAD: Final = (
    "# Hidden by an editor: not answered from, whatever the files say. Show again with /knowledge or delete it here.\n"
)


def read_tombstones(folder: Path) -> frozenset[Place]:
    """The places that an export left hidden. A missing or broken file hides nothing."""
    try:
        document = parse((folder / FILE).read_bytes(), FILE)
    except OSError:
        return frozenset()
    rows = document.value if isinstance(document.value, list) else []
    found = [(str(row.get("subject")), str(row.get("key"))) for row in rows if isinstance(row, dict)]
    return frozenset(Place(Subject(subject), key) for subject, key in found if subject in list(Subject))


def tombstone_text(edits: Iterable[Edit], kept: Iterable[Place] = ()) -> str:
    """The file's text for hidden edits, and for what an earlier export left hidden; empty when there is nothing."""
    rows = {edit.place: edit for edit in edits if edit.state is State.HIDDEN}
    lines = [_row(place, rows.get(place)) for place in sorted({*rows, *kept})]
    return _HEAD + "".join(lines) if lines else ""


def _row(place: Place, edit: Edit | None) -> str:
    since = datetime.fromtimestamp(edit.created_at, UTC).date().isoformat() if edit else "before"
    why = edit.why if edit else "an earlier export"
    said = json.dumps(why, ensure_ascii=False)
    return f"- {{subject: {place.subject}, key: {place.key}, since: {since}, why: {said}}}\n"
