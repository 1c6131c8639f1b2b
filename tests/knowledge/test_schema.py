"""The JSON Schemas that text editors use say what the models say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.knowledge.locating import packaged
from bot.knowledge.schema import schemas, write_schemas
from tests.knowledge.examples import ENTRY


def test_the_files_are_what_the_models_make() -> None:
    folder = packaged() / "schema"
    assert {path.name: path.read_text() for path in folder.iterdir()} == schemas(), "run: nextstep schema"


def test_writing_makes_the_folder(tmp_path: Path) -> None:
    assert {path.name for path in write_schemas(tmp_path)} == set(schemas())


def _document() -> dict[str, Any]:
    value: dict[str, Any] = yaml.load(ENTRY, yaml.BaseLoader)
    value["review"]["on"] = None
    return value


def test_the_entry_schema_takes_a_sound_entry_and_refuses_a_broken_one() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schemas()["entry.json"]))
    validator.validate(_document())
    with pytest.raises(jsonschema.ValidationError, match="hihg"):
        validator.validate(_document() | {"stakes": "hihg"})
    with pytest.raises(jsonschema.ValidationError, match="overveiw"):
        validator.validate(_document() | {"facets": {"overveiw": "x"}})
