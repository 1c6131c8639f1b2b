"""All static rules in one table: stable codes, gravity, and what each complains about.

Rules whose function is ``None`` are found while loading. Codes are never reused for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bot.knowledge import rules_length as lengths
from bot.knowledge import rules_links as links
from bot.knowledge import rules_marks as marks
from bot.knowledge import rules_names as names
from bot.knowledge import rules_shared as shared
from bot.knowledge import rules_wording as wording
from bot.knowledge.loading import Loaded, load_knowledge
from bot.knowledge.model import Entry, Knowledge
from bot.knowledge.problems import Gravity, Problem, in_order
from bot.knowledge.scope import Finding, Scope, file_of, single, whole
from bot.knowledge.strict_yaml import Document, parse
from bot.knowledge.writing import entry_text

Check = Callable[[Scope], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, what it complains about in one sentence, how grave that is, and what finds it."""

    code: str
    summary: str
    gravity: Gravity
    check: Check | None = None


def _error(code: str, check: Check) -> Rule:
    return Rule(code, _first_line(check), Gravity.ERROR, check)


def _warning(code: str, check: Check) -> Rule:
    return Rule(code, _first_line(check), Gravity.WARNING, check)


def _loading(code: str, summary: str) -> Rule:
    return Rule(code, summary, Gravity.ERROR)


def _first_line(check: Check) -> str:
    return (check.__doc__ or "").strip().partition("\n")[0]


RULES: Final[tuple[Rule, ...]] = (
    _loading("K01", "A file is missing, cannot be read, is too large, is not UTF-8, or holds invisible characters."),
    _loading("K02", "A file is not readable as YAML, or has a tab."),
    _loading("K03", "A file uses an anchor, alias, tag, second document or deep nesting, which the format leaves out."),
    _loading("K04", "A key stands twice."),
    _loading("K05", "A key is not one of the format's."),
    _loading("K06", "A value is missing, empty, or not of the form that is asked for."),
    _error("K07", marks.no_source),
    _loading("K08", "A file's name or folder does not fit its id and kind, or nothing reads it."),
    _error("K10", marks.unmarked_sentence),
    _error("K11", marks.unknown_source),
    _warning("K12", marks.orphan_source),
    _error("K13", marks.uncited_figure),
    _error("K14", marks.malformed_mark),
    _error("K15", marks.practice_first),
    _error("K16", marks.odd_address),
    _error("K20", lengths.long_sentence),
    _error("K21", lengths.long_first_sentence),
    _warning("K22", lengths.dangling_first_sentence),
    _error("K23", lengths.long_overview),
    _error("K24", lengths.long_facet),
    _error("K25", lengths.hard_to_read),
    _error("K26", lengths.mixed_spelling),
    _error("K30", wording.dose),
    _error("K31", wording.directive),
    _error("K32", wording.suicide_wording),
    _error("K33", wording.people_first),
    _error("K34", wording.exclamation),
    _error("K40", names.long_title),
    _error("K41", names.long_alias),
    _error("K42", names.contested_name),
    _error("K43", names.foreign_name),
    _warning("K44", names.repeated_name),
    _error("K50", names.few_asks),
    _error("K51", names.same_ask),
    _warning("K52", names.near_ask),
    _error("K53", names.ask_is_a_name),
    _error("K60", links.unknown_related),
    _error("K61", links.related_to_itself),
    _warning("K62", links.one_sided_in_family),
    _error("K63", links.unknown_notice),
    _error("K64", links.no_overview),
    _warning("K65", links.missing_facets),
    _error("K66", links.certainty_without_evidence),
    _warning("K67", links.evidence_without_certainty),
    _warning("K68", links.review_overdue),
    _error("K69", links.inconsistent_review),
    _error("K70", shared.family_members),
    _error("K71", shared.combination_sides),
    _error("K72", shared.combination_twice),
    _error("K73", shared.class_members),
    _error("K74", shared.ambiguous_names),
    _error("K75", shared.facet_words),
    _error("K76", shared.look_alike_pairs),
    _warning("K77", shared.look_alike_names),
    _error("K78", shared.nearest_entry),
    _warning("K79", shared.nicknames),
)


def check(folder: Path, today: date) -> tuple[Problem, ...]:
    """Every problem of every file of a knowledge folder, by file and line. Raises nothing for what is in it."""
    return check_loaded(load_knowledge(folder), today)


def check_loaded(loaded: Loaded, today: date) -> tuple[Problem, ...]:
    """Every problem of an already loaded folder, those of loading included."""
    root = loaded.root
    found = [*loaded.problems]
    if loaded.documents:
        found += _problems(whole(loaded.knowledge, today), root, loaded.documents)
    return in_order(found)


def check_entry(entry: Entry, knowledge: Knowledge, today: date) -> tuple[Problem, ...]:
    """What the rules say about one entry as it would stand in ``knowledge``; lines are those of its canonical text."""
    path = f"knowledge/{file_of(entry)}"
    document = parse(entry_text(entry).encode("utf-8", "replace"), path)
    if document.problem:
        return (document.problem,)
    found = _problems(single(knowledge, entry, today), "knowledge", {path: document})
    return tuple(problem for problem in in_order(found) if problem.path == path)


def _problems(scope: Scope, root: str, documents: Mapping[str, Document]) -> Iterator[Problem]:
    for rule in RULES:
        for finding in rule.check(scope) if rule.check else ():
            path = f"{root}/{finding.file}"
            line = documents[path].line(finding.place) if path in documents else 1
            yield Problem(path, line, rule.code, finding.message, rule.gravity)
