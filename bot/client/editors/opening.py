"""Opens the editors' desk of a deployment: published edits over the files, before the first question is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.answering.pipeline import Answerer
from bot.app import Served
from bot.client.editors.office import Editing
from bot.client.responses import log_fault
from bot.editing.desk import EditDesk, Policy
from bot.editing.publisher import Publisher
from bot.knowledge.model import Knowledge
from bot.knowledge.safety import load_safety
from bot.storage import Database
from bot.storage.edits import Edits


async def open_desk(
    served: Served,
    database: Database,
    clock: Callable[[], datetime],
    *,
    home: frozenset[int] = frozenset(),
    channel: int | None = None,
    policy: Policy | None = None,
) -> Editing | None:
    """The desk with what is served now; nothing is built when no edit lies over the files.

    ``None``, said in the log, when files or edits cannot be read at all: then the bot answers as it would without.
    """
    edits = Edits(database)
    publisher = Publisher(served.folder, edits, partial(_built, served.folder), veil=Answerer.within)
    try:
        await publisher.start(served.answerer, served.answerer.revision)
    except Exception as error:
        log_fault("editing-desk", error)
        return None
    return Editing(EditDesk(edits, publisher, clock, policy or Policy()), home, channel, served.folder)


def _built(folder: Path, knowledge: Knowledge) -> Answerer:
    return Answerer(knowledge, load_safety(folder / "safety"))
