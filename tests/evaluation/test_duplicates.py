from __future__ import annotations

from pathlib import Path

from bot.evaluation.duplicates import near_duplicates
from bot.knowledge.loading import load_knowledge
from tests import shipped
from tests.editing.room import knowledge_folder


def test_asks_of_two_pages_that_say_the_same_are_found(tmp_path: Path) -> None:
    folder = knowledge_folder(tmp_path / "knowledge")
    before = load_knowledge(folder.path).knowledge
    assert near_duplicates(shipped.answerer(before).mind) == ()
    mine = "why does my budgerigar squeak at wardrobes all night long"
    theirs = "my budgerigar squeaks at wardrobes all night long, why"
    entries = {
        key: entry.model_copy(update={"asks": (*entry.asks, mine if key == "lithium" else theirs)})
        for key, entry in before.entries.items()
    }
    knowledge = before.model_copy(update={"entries": entries})
    mind = shipped.answerer(knowledge).mind
    (found,) = near_duplicates(mind, alike=0.7)
    for page in knowledge.entries:
        assert near_duplicates(mind, {page}, alike=0.7) == (found,), "from either side"
    assert near_duplicates(mind, {"redirect:personal-dose"}, alike=0.7) == near_duplicates(mind, (), alike=0.7) == ()
    assert {(found.page, found.ask), (found.other, found.other_ask)} == {("lithium", mine), ("adding-lithium", theirs)}
    assert 0.7 <= found.alike <= 1


def test_one_page_may_say_the_same_twice(tmp_path: Path) -> None:
    before = load_knowledge(knowledge_folder(tmp_path / "knowledge").path).knowledge
    asks = (*before.entries["lithium"].asks, "does lithium make your hands shake", "do your hands shake on lithium")
    lithium = before.entries["lithium"].model_copy(update={"asks": asks})
    knowledge = before.model_copy(update={"entries": {**before.entries, "lithium": lithium}})
    assert near_duplicates(shipped.answerer(knowledge).mind, alike=0.5) == ()


def test_asks_of_two_medicines_without_pages_are_not_the_same(tmp_path: Path) -> None:
    before = load_knowledge(knowledge_folder(tmp_path / "knowledge").path).knowledge
    other = before.look_alikes.known_not_covered[0].model_copy(update={"name": "moclobemide", "aka": ()})
    names = (*before.look_alikes.known_not_covered, other)
    entries = {
        key: entry.model_copy(update={"asks": (*entry.asks, f"is {one.name} sold in any shop of this town")})
        for (key, entry), one in zip(before.entries.items(), names, strict=True)
    }
    look_alikes = before.look_alikes.model_copy(update={"known_not_covered": names})
    knowledge = before.model_copy(update={"entries": entries, "look_alikes": look_alikes})
    assert near_duplicates(shipped.answerer(knowledge).mind) == ()
