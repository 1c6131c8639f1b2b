"""Opens the editors' desk of a deployment: published edits over the files, before the first question is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.answering.pipeline import Answerer
from bot.app import Served
from bot.client.editors.building import Builder
from bot.client.editors.office import Editing
from bot.client.responses import log_fault
from bot.editing.desk import EditDesk, Policy
from bot.editing.publisher import Publisher
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
    builder = Builder(served.folder, served.answerer)
    publisher = Publisher(served.folder, edits, builder.build, veil=Answerer.within)
    try:
        await publisher.start(served.answerer, served.answerer.revision)
    except Exception as error:
        log_fault("editing-desk", error)
        return None
    desk = EditDesk(edits, publisher, clock, policy or Policy())
    return Editing(desk, home, channel, served.folder, builder.draft)
