"""The page for writers is true: its example passes, and no field or rule is missing from it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.locating import packaged
from bot.knowledge.model import (
    Combination,
    Combinations,
    Entry,
    Facet,
    ForeignName,
    LookAlikePair,
    Notice,
    Redirect,
    Review,
    SmallTalk,
    Source,
    Vocabulary,
)
from bot.knowledge.rules import RULES, check
from bot.knowledge.writing import format_text
from tests.knowledge.examples import Folder

PAGE = (packaged() / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODELS = (
    Combination,
    Combinations,
    Entry,
    ForeignName,
    LookAlikePair,
    Notice,
    Redirect,
    Review,
    SmallTalk,
    Source,
    Vocabulary,
)
EXAMPLES = dict(re.findall(r"<!-- example: (\S+) -->\n```yaml\n(.*?)```", PAGE, re.DOTALL))


def test_the_worked_example_passes_the_check(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "knowledge")
    entry = EXAMPLES["definitions/bright-mornings.yaml"]
    folder.write(
        "definitions/bright-mornings.yaml", entry.replace("[light-therapy, sleep-and-depression]", "[lithium]")
    )
    folder.append("sources.yaml", EXAMPLES["sources.yaml"])
    folder.write("notices.yaml", "- {id: bipolar-caution, title: Bipolar, text: Ask.}\n")
    assert check(folder.path, date(2026, 11, 24)) == ()


@pytest.mark.parametrize("file", EXAMPLES)
def test_the_worked_example_is_in_canonical_form(file: str) -> None:
    assert format_text(EXAMPLES[file], file) == EXAMPLES[file]


def test_every_rule_stands_on_the_page_as_it_is() -> None:
    rows = re.findall(r"^\| (K\d\d) \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(rule.code, rule.gravity.value, rule.summary) for rule in RULES]


def test_every_field_stands_on_the_page() -> None:
    fields = {field for model in MODELS for field in model.model_fields} | {facet.value for facet in Facet}
    assert {field for field in fields if f"`{field}`" not in PAGE} == set()
    shown = EXAMPLES["definitions/bright-mornings.yaml"] + EXAMPLES["sources.yaml"]
    keys = [*Entry.model_fields, *Review.model_fields, *Source.model_fields]
    assert [key for key in keys if f"{key}:" not in shown] == []
