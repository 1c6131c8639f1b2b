"""From a question without an answer to the answer that the next member gets, with real matching on real entries."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from bot.answering.model import Answer, Question, Unknown
from bot.answering.pipeline import Answerer
from bot.editing.desk import EditDesk
from bot.editing.ends import without_loose_ends
from bot.editing.exporting import export, export_changes
from bot.editing.gaps import answer_with, ranked
from bot.editing.overlay import as_drafted
from bot.editing.publisher import Publisher
from bot.editing.scrubbing import familiar
from bot.evaluation.clusters import clusters
from bot.evaluation.impact import Assessor, promised
from bot.evaluation.rows import read_rows
from bot.knowledge.locating import packaged
from bot.knowledge.writing import file_text
from bot.storage import Database
from bot.storage.edits import Edits
from bot.storage.gaps import Gaps
from tests import shipped
from tests.editing.room import ANNA, BEN
from tests.knowledge.examples import FILES

KEPT = ("lithium", "ect", "tms", "quetiapine", "sertraline")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXTS = (
    "why does my budgerigar squeak at wardrobes, says Marjorie Wetherby",
    "my budgerigar squeaks at every wardrobe",
    "who won the football",
)


def some_entries(folder: Path) -> Path:
    """A folder with a few of the packaged entries, quick to index."""
    whole = shipped.brief()
    some = whole.model_copy(update={"entries": {key: whole.entries[key] for key in KEPT}, "redirects": {}})
    some = without_loose_ends(some, whole)
    (folder / "definitions").mkdir(parents=True)
    for entry in some.entries.values():
        (folder / "definitions" / f"{entry.id}.yaml").write_text(file_text(entry), encoding="utf-8")
    (folder / "sources.yaml").write_text(file_text(some.sources), encoding="utf-8")
    (folder / "notices.yaml").write_bytes((packaged() / "notices.yaml").read_bytes())
    words = some.vocabulary.model_dump(mode="json")
    (folder / "vocabulary.yaml").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    for name in ("combinations.yaml", "look-alikes.yaml", "families.yaml"):
        (folder / name).write_text(FILES[name], encoding="utf-8")
    return folder


async def test_a_question_goes_unanswered_is_answered_in_one_step_and_becomes_a_trial(
    tmp_path: Path, database: Database
) -> None:
    folder = some_entries(tmp_path / "knowledge")
    edits, gaps = Edits(database), Gaps(database)
    publisher: Publisher[Answerer] = Publisher(folder, edits, shipped.answerer)
    await publisher.start()
    assert publisher.now.problems == ()
    desk = EditDesk(edits, publisher, lambda: NOW)

    def ask(text: str) -> object:
        return publisher.now.answerer.reply(Question(text, NOW))[0]

    assert not isinstance(ask(TEXTS[0]), Answer)
    assert isinstance(ask(TEXTS[2]), Unknown)
    sent = [await gaps.send(text, "tms", 10, familiar(desk.knowledge)) for text in TEXTS]
    await gaps.remind(sent[0].id, 42, 10)
    assert "Marjorie" not in sent[0].text

    waiting = await gaps.waiting()
    groups = clusters(publisher.now.answerer.mind, [one.text for one in waiting])
    gap = ranked(waiting, groups, await gaps.misses())[0]
    assert set(gap.questions) == {sent[0].id, sent[1].id}

    drafted = answer_with("tms", gap.texts, desk.knowledge, NOW.date())
    edit = await desk.submit(drafted, ANNA, "asked twice", trials=gap.texts, questions=gap.questions)
    knowledge = as_drafted(publisher.now.answerer.knowledge, edit.content())
    assessor = Assessor((), shipped.answerer)
    found, preview = await asyncio.to_thread(assessor.assess, publisher.now.answerer, knowledge, gap.texts)
    assert "answers 2 recent unanswered questions" in found.sentences
    assert promised(preview, edit.trials, "tms") == ()
    assert not isinstance(ask(TEXTS[1]), Answer), "nothing is served before it is approved"

    await desk.approve(edit, BEN, read=False)
    for free in ("my budgerigar squeaks at each wardrobe", "hey bot, my budgerigar squeaks at every wardrobe pls??"):
        reply = ask(free)
        assert isinstance(reply, Answer), free
        assert reply.passages[0].entry == "tms"
    assert publisher.now.answerer.revision == knowledge.revision, "what was measured is what is served"
    assert [(note.user_id, note.entry) for note in await gaps.due_notes()] == [(42, "tms")]
    assert [one.id for one in await gaps.waiting()] == [sent[2].id]

    export(folder, export_changes(folder, await edits.standing()), NOW.date())
    rows = read_rows([folder / "trials/editors.jsonl"])
    assert len(rows) == 2
