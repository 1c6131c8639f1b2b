"""Every rule fires on its failing example and keeps quiet on its passing one, through ``check`` on a real folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.knowledge.loading import load_knowledge
from bot.knowledge.problems import Gravity, Problem
from bot.knowledge.rules import RULES, check, check_entry
from tests.knowledge.examples import ENTRY, Folder

TODAY = date(2026, 11, 24)
LITHIUM = "definitions/lithium.yaml"
ADDING = "strategies/adding-lithium.yaml"
OVERVIEW = "Lithium is a mood stabilizer that is sometimes added to an antidepressant [@nice-ng222]."
SECOND = "It can help when\n    one medicine alone did not [@nice-ng222]."


class Case(NamedTuple):
    """A change to one file that breaks a rule, and one that comes close and does not."""

    code: str
    file: str
    before: str
    bad: str
    good: str
    line: int = 0
    """Lines between the changed text and the line that is named."""


def second(code: str, bad: str, good: str) -> Case:
    """The second sentence of lithium's overview, replaced."""
    return Case(code, LITHIUM, SECOND, bad, good, -1)


CASES = [
    Case("K01", LITHIUM, "title: Lithium", "title: Lith\x07ium", "title: Lithium®"),
    Case("K02", LITHIUM, "title: Lithium", "title: Lithium: a salt", "title: 'Lithium: a salt'"),
    Case("K03", LITHIUM, "title: Lithium", "title: &salt Lithium", "title: Lithium & salt"),
    Case("K04", LITHIUM, "id: lithium\n", "id: lithium\nid: lithium\n", "id: lithium\n", 1),
    Case("K05", LITHIUM, "certainty: moderate", "certainly: moderate", "certainty: high"),
    Case("K06", LITHIUM, "certainty: moderate", "certainty: medium", "certainty: very-low"),
    Case("K07", LITHIUM, "trials [@nice-ng222].", "trials.", "trials [practice].", -1),
    Case("K08", LITHIUM, "id: lithium\n", "id: lithium-2\n", "id: lithium\n"),
    second("K10", "It can help.", "It can help [practice]."),
    second("K11", "It can help [@nice-1].", "It can help [@nice-ng222; @nhs-lithium]."),
    Case(
        "K12",
        "sources.yaml",
        "nhs-lithium:",
        "nhs-more: {title: More, authors: NHS, publisher: NHS, year: 2020, url: null, "
        "kind: review, checked: read}\nnhs-lithium:",
        "nhs-lithium:",
    ),
    second("K13", "It helps 3 in 10 people [practice].", "It helps 3 in 10 people [@nice-ng222]. Call 911 [practice]."),
    second("K14", "It can help [@nice-ng222] [@nice-ng222, @nhs-lithium].", "It can help [@nice-ng222; @nhs-lithium]."),
    Case("K15", LITHIUM, OVERVIEW, "Lithium is a salt [practice].", "Lithium is a salt [@nhs-lithium].", -1),
    Case("K16", "sources.yaml", "https://www.nice.org.uk/guidance/ng222", "nice.org.uk", "http://nice.org.uk/ng222"),
    second(
        "K20",
        "It can help" + " now and then" * 8 + " [@nice-ng222].",
        "It can help" + " now and then" * 7 + " [@nice-ng222].",
    ),
    Case(
        "K21",
        LITHIUM,
        OVERVIEW,
        f"Lithium {'is good ' * 10}[@nice-ng222].",
        f"Lithium {'is good ' * 9}[@nice-ng222].",
        -1,
    ),
    Case("K22", LITHIUM, OVERVIEW, "It is a salt [@nice-ng222].", "This salt is a medicine [@nice-ng222].", -1),
    second("K23", "It is a salt [practice]. " * 13, "It is a salt [practice]. " * 11),
    Case(
        "K24",
        LITHIUM,
        "Lithium is prescribed by brand in the UK [@nhs-lithium].",
        "It is a salt [practice]. " * 31,
        "It is a salt [practice]. " * 30,
        -1,
    ),
    second(
        "K25",
        "Pharmacokinetic considerations necessitate individualization and monitoring [@nice-ng222].",
        "It is slow, so the team goes slow too [@nice-ng222].",
    ),
    Case(
        "K26",
        LITHIUM,
        SECOND,
        "It is a stabiliser [@nice-ng222].",
        "The Stabiliser Centre in Leeds says so [@nice-ng222].",
        -2,
    ),
    second("K30", "It was 300 mg [@nice-ng222].", "It was a low dose in 300 people [@nice-ng222]."),
    second("K31", "People should ask [@nice-ng222].", "People can ask [@nice-ng222]."),
    second("K32", "Some committed suicide [@nice-ng222].", "Some died by suicide [@nice-ng222]."),
    second("K33", "It helps sufferers [@nice-ng222].", "It helps people with depression [@nice-ng222]."),
    second("K34", "It can help! [@nice-ng222].", "It can help [@nice-ng222]."),
    Case("K40", LITHIUM, "title: Lithium", "title: Lithium " + "x" * 53, "title: Lithium " + "x" * 52),
    Case("K41", LITHIUM, "Priadel]", "x" * 46 + "]", "x" * 45 + "]"),
    Case(
        "K42",
        ADDING,
        "title: Adding lithium",
        "title: Adding lithium\naliases: [priadel]",
        "title: Adding lithium\naliases: [add Priadel]",
        1,
    ),
    Case("K43", LITHIUM, "Priadel]", "Priadel, luvox]", "Priadel, Luvoxal]"),
    Case("K44", LITHIUM, "Priadel]", "Priadel, PRIADEL]", "Priadel, Priadel XL]"),
    Case("K50", LITHIUM, "  - will it change who I am\n", "", "  - am I still me on it\n", -12),
    Case("K51", ADDING, "  - boosting an antidepressant", "  - Will it change who I am?", "  - who decides?"),
    Case(
        "K52",
        ADDING,
        "  - boosting an antidepressant",
        "  - and will it change who I am",
        "  - will it change what I eat",
    ),
    Case("K53", LITHIUM, "  - will it change who I am", "  - adding lithium?", "  - lithium carbonate"),
    Case("K60", LITHIUM, "related: [adding-lithium]", "related: [adding-lithium, zinc]", "related: [adding-lithium]"),
    Case(
        "K61", LITHIUM, "related: [adding-lithium]", "related: [adding-lithium, lithium]", "related: [adding-lithium]"
    ),
    Case("K63", LITHIUM, "stakes: high", "notices: [lithium]\nstakes: high", "notices: []\nstakes: high"),
    Case("K64", LITHIUM, "  overview: >-", "  access: >-", "  overview: >-", -1),
    Case("K65", ADDING, "  process: >-", "  access: >-", "  process: >-", -5),
    Case("K66", LITHIUM, "  evidence: >-", "  access: >-", "  evidence: >-", 2),
    Case("K67", LITHIUM, "certainty: moderate\n", "", "certainty: low\n", -2),
    Case("K68", LITHIUM, "due: 2027-05-23", "due: 2026-11-23", "due: 2026-11-24"),
    Case("K69", LITHIUM, "on: null", "on: 2026-11-23", "on: null"),
    Case("K70", "families.yaml", "[]", "- [lithium, zinc]", "- [lithium, adding-lithium]"),
    Case(
        "K71",
        "combinations.yaml",
        "pairs: []",
        "pairs:\n  - {between: [lithium, nsaid], severity: serious, text: 'It stays longer [@nhs-lithium].'}",
        "names: {nsaid: [water pill]}\npairs:\n"
        "  - {between: [lithium, nsaid], severity: serious, text: 'It stays longer [@nhs-lithium].'}",
        1,
    ),
    Case(
        "K72",
        "combinations.yaml",
        "pairs: []",
        "pairs:\n  - {between: [lithium, lithium], severity: caution, text: 'Not twice [@nhs-lithium].'}",
        "members: {lithium: []}\npairs:\n"
        "  - {between: [lithium, lithium], severity: caution, text: 'Not twice [@nhs-lithium].'}",
        1,
    ),
    Case("K73", "combinations.yaml", "pairs: []", "members: {salts: [lithium, zinc]}", "members: {salts: [lithium]}"),
    Case(
        "K74",
        "vocabulary.yaml",
        "facets:",
        "ambiguous: {li: [lithium]}\nfacets:",
        "ambiguous: {li: [lithium, adding-lithium]}\nfacets:",
    ),
    Case(
        "K79",
        "vocabulary.yaml",
        "facets:",
        "nicknames: {lithium: [the salt], zinc: [the metal]}\nfacets:",
        "nicknames: {lithium: [the salt, the metal]}\nfacets:",
    ),
    Case(
        "K79",
        "vocabulary.yaml",
        "facets:",
        "nicknames: {lithium: [the salt], adding-lithium: [The salt]}\nfacets:",
        "nicknames: {lithium: [the salt], adding-lithium: [the add on]}\nfacets:",
    ),
    Case("K75", "vocabulary.yaml", "access: access", "access: cost}\nsynonyms: {a: [b]", "access: cost"),
    Case(
        "K76",
        "look-alikes.yaml",
        "pairs: []",
        "pairs: [{a: lithium, b: Lithium, kind: both-covered, source: x}]",
        "pairs: [{a: lithium, b: Priadel, kind: both-covered, source: x}]",
    ),
    Case(
        "K77",
        "look-alikes.yaml",
        "pairs: []",
        "pairs: [{a: lithium, b: zinc, kind: both-covered, source: x}]",
        "pairs: [{a: lithium, b: Priadel, kind: both-covered, source: x}]",
    ),
    Case(
        "K77",
        "look-alikes.yaml",
        "pairs: []",
        "pairs: [{a: lithium, b: Priadel, kind: one-unclaimed, source: x}]",
        "pairs: [{a: lithium, b: LI, kind: one-unclaimed, source: x}]",
    ),
    Case(
        "K78",
        "look-alikes.yaml",
        "  - {name: fluvoxamine",
        "  - {name: zinc, what: metal, nearest: iron}\n  - {name: fluvoxamine",
        "  - {name: zinc, what: metal, nearest: lithium}\n  - {name: fluvoxamine",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "knowledge")


def change(folder: Folder, file: str, before: str, after: str) -> int:
    """Replace text in a file; the line where it began."""
    text = (folder.path / file).read_text()
    assert text.count(before) == 1, before
    folder.write(file, text.replace(before, after))
    return text.partition(before)[0].count("\n") + 1


def of(code: str, problems: tuple[Problem, ...]) -> list[Problem]:
    return [problem for problem in problems if problem.code == code]


def test_the_example_folder_is_clean(folder: Folder) -> None:
    assert check(folder.path, TODAY) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_rule_fires_on_its_failing_example(folder: Folder, case: Case) -> None:
    line = change(folder, case.file, case.before, case.bad) + case.line
    found = of(case.code, check(folder.path, TODAY))
    assert (f"knowledge/{case.file}", line) in [(problem.path, problem.line) for problem in found]
    rule = next(rule for rule in RULES if rule.code == case.code)
    assert {problem.severity for problem in found} == {rule.gravity}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_rule_keeps_quiet_on_its_passing_example(folder: Folder, case: Case) -> None:
    change(folder, case.file, case.before, case.good)
    assert of(case.code, check(folder.path, TODAY)) == []


def test_one_sided_links_count_inside_a_family_only(folder: Folder) -> None:
    change(folder, ADDING, "related: [lithium]\n", "")
    assert of("K62", check(folder.path, TODAY)) == []
    folder.write("families.yaml", "- [lithium, adding-lithium]\n")
    (problem,) = of("K62", check(folder.path, TODAY))
    assert (problem.path, problem.severity) == (f"knowledge/{ADDING}", Gravity.WARNING)


def test_every_rule_has_an_example() -> None:
    assert {rule.code for rule in RULES} == {case.code for case in CASES} | {"K62"}
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.summary.endswith((".", "”.")) for rule in RULES)


def test_a_declared_ambiguous_name_may_be_shared(folder: Folder) -> None:
    change(folder, ADDING, "title: Adding lithium", "title: Adding lithium\naliases: [Priadel]")
    assert len(of("K42", check(folder.path, TODAY))) == 2
    change(folder, "vocabulary.yaml", "facets:", "ambiguous: {priadel: [lithium, adding-lithium]}\nfacets:")
    assert of("K42", check(folder.path, TODAY)) == []


def test_notices_and_redirects_may_speak_plainly_but_name_no_amount(folder: Folder) -> None:
    folder.write("notices.yaml", "- {id: now, title: Now, text: You must call 911 now.}\n")
    folder.write(
        "redirects/dose.yaml", "id: dose\ntitle: Doses\nasks: [how much]\ntext: Ask your pharmacist about 20 mg.\n"
    )
    assert [(problem.path, problem.code) for problem in check(folder.path, TODAY)] == [
        ("knowledge/redirects/dose.yaml", "K30")
    ]


def test_all_problems_come_sorted_in_one_run(folder: Folder) -> None:
    change(folder, LITHIUM, SECOND, "It was 300 mg.")
    change(folder, ADDING, "[@nhs-lithium]", "[@nobody]")
    folder.write("definitions/zinc.yaml", "id: zinc")
    problems = check(folder.path, TODAY)
    assert {"K06", "K10", "K11", "K30"} <= {problem.code for problem in problems}
    assert list(problems) == sorted(problems, key=lambda one: (one.path, one.line))


def test_an_edit_is_checked_as_it_would_stand(folder: Folder) -> None:
    knowledge = load_knowledge(folder.path).knowledge
    entry = knowledge.entries["lithium"]
    assert check_entry(entry, knowledge, TODAY) == ()
    changed = entry.model_copy(update={"asks": (*entry.asks, "Who decides whether to add it"), "related": ("zinc",)})
    assert {problem.code for problem in check_entry(changed, knowledge, TODAY)} == {"K51", "K60"}
    copied = knowledge.entries["adding-lithium"].model_copy(update={"aliases": ("Priadel",), "related": ()})
    assert {problem.code for problem in check_entry(copied, knowledge, TODAY)} == {"K42"}


@pytest.mark.parametrize(
    "text",
    [
        "two tablets",
        "half a pill",
        "5-10 mg",
        "0.8 mmol/L",
        "doubling the dose",
        "twice the usual dose",
        "25% nitrous oxide",
        "1,000 IU",
    ],
)
def test_amounts_are_heard_in_many_forms(folder: Folder, text: str) -> None:
    change(folder, LITHIUM, SECOND, f"It was {text} [@nice-ng222].")
    assert of("K30", check(folder.path, TODAY))


@pytest.mark.parametrize(
    "text",
    [
        "30 to 60 minutes",
        "a full dose",
        "10 Hz",
        "6 to 12 weeks",
        "both in one capsule",
        "10,000 lux",
        "a gain of 2 kg",
    ],
)
def test_what_is_no_amount_passes(folder: Folder, text: str) -> None:
    change(folder, LITHIUM, SECOND, f"It was {text} [@nice-ng222].")
    assert of("K30", check(folder.path, TODAY)) == []


@pytest.mark.parametrize(
    "text", ["Ask your doctor", "Never mix the two", "You must wait", "Do not take both", "One needs to wait", "Try it"]
)
def test_orders_are_heard(folder: Folder, text: str) -> None:
    change(folder, LITHIUM, SECOND, f"{text} [@nice-ng222].")
    assert of("K31", check(folder.path, TODAY))


@pytest.mark.parametrize(
    "text",
    [
        "Asking helps",
        "Use of both is rare",
        "A prescriber decides",
        "Start of care is slow",
        "Call 911",
        "Stopping can bring dizziness",
    ],
)
def test_descriptions_are_no_orders(folder: Folder, text: str) -> None:
    change(folder, LITHIUM, SECOND, f"{text} [@nice-ng222].")
    assert of("K31", check(folder.path, TODAY)) == []


def test_entries_of_every_line_length_are_found_wherever_they_stand(folder: Folder) -> None:
    folder.write(LITHIUM, ENTRY.replace("facets:", "\n\nfacets:"))
    change(folder, LITHIUM, SECOND, "It was 300 mg [@nice-ng222].")
    line = (folder.path / LITHIUM).read_text().partition("overview:")[0].count("\n") + 1
    assert [problem.line for problem in check(folder.path, TODAY)] == [line]
