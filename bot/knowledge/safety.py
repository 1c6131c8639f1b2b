"""Loading and checking ``knowledge/safety/``, apart from everything else.

A crisis reply must not depend on a well-kept folder. Each part (the screen, the replies, the lines, the barrier
answers) is read from the deployment's folder; a part that is missing or broken comes from the packaged copy, and
if that fails too, from the constant in :mod:`bot.knowledge.safety_constant`. :func:`load_safety` never raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.knowledge.locating import packaged
from bot.knowledge.safety_constant import LAST_RESORT
from bot.knowledge.safety_model import (
    Barrier,
    CountryLines,
    CrisisLine,
    Directory,
    EmergencyNumber,
    Figures,
    InternationalLine,
    Replies,
    Rule,
    Safety,
    Weights,
    Wordings,
    WordList,
)

__all__ = [
    "Barrier", "CountryLines", "CrisisLine", "Directory", "EmergencyNumber", "InternationalLine", "Replies", "Rule",
    "Safety", "SafetyProblem", "WordList", "Wordings", "check_safety", "load_safety", "stale_lines",
]  # fmt: skip

STALE_AFTER: Final = timedelta(days=180)
"""A line that nobody re-checked for this long is marked wherever it is listed."""

_LARGEST: Final = 1024 * 1024
_LARGEST_WEIGHTS: Final = 8 * 1024 * 1024
_T = TypeVar("_T")
_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SafetyProblem:
    """One complaint about a safety file: file, line from 1, a stable code, what to do."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.code} {self.message}"


def load_safety(folder: Path | None) -> Safety:
    """The safety data of a knowledge folder (or of the ``safety`` folder itself). Never raises.

    ``None`` means the packaged copy. Whatever cannot be used is replaced, and named in ``Safety.problems``.
    """
    problems: list[str] = []
    folders = [home for home in (_home(folder), _home(_packaged())) if home is not None]
    screen = _first(folders, _read_screen, problems)
    replies = _first(folders, lambda home: _read(home / "replies.yaml", Replies), problems)
    lines = _first(folders, lambda home: _read(home / "lines.yaml", Directory), problems)
    barriers = _first(folders, _read_barriers, problems)
    weights = _first(folders, _read_weights, problems)
    return LAST_RESORT.model_copy(
        update={
            "words": screen[0] if screen else LAST_RESORT.words,
            "rules": screen[1] if screen else LAST_RESORT.rules,
            "replies": replies or LAST_RESORT.replies,
            "lines": lines or LAST_RESORT.lines,
            "barriers": barriers or LAST_RESORT.barriers,
            "weights": weights or LAST_RESORT.weights,
            "problems": tuple(dict.fromkeys(problems)),
        }
    )


def _packaged() -> Path | None:
    try:
        return packaged()
    except Exception:
        return None


def _home(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    return folder if folder.name == "safety" else folder / "safety"


def _first(folders: Iterable[Path], read: Callable[[Path], _T], problems: list[str]) -> _T | None:
    """The first folder's value that can be read; what stood in the way is added to ``problems``."""
    for home in folders:
        try:
            return read(home)
        except Exception as error:
            problems.append(f"safety: {_explain(error)}; a copy that came with the program is used instead")
    return None


def _explain(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"{error.title} has {error.error_count()} fields that cannot be used (run `nextstep check`)"
    if isinstance(error, OSError):
        return f"{Path(str(error.filename or '')).name or 'a file'} cannot be read ({error.strerror})"
    return f"{type(error).__name__} while reading the safety files (run `nextstep check`)"


def _plain(path: Path) -> Any:
    data = path.read_bytes()
    if len(data) > _LARGEST:
        raise ValueError("larger than 1 MB")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return yaml.load(data, Loader=loader)  # noqa: S506 - the base loader makes nothing but strings, lists and mappings


def _read(path: Path, model: type[_M]) -> _M:
    return model.model_validate(_plain(path))


def _rule_files(home: Path) -> list[Path]:
    return sorted((home / "rules").glob("*.yaml"))


def _read_screen(home: Path) -> tuple[WordList, tuple[Rule, ...]]:
    words = _read(home / "words.yaml", WordList)
    rules = tuple(Rule.model_validate(row) for path in _rule_files(home) for row in _plain(path))
    if not any(rule.level == "crisis" for rule in rules):
        raise ValueError("no rule for a crisis")
    return words, rules


def _read_barriers(home: Path) -> tuple[Barrier, ...]:
    return tuple(Barrier.model_validate(row) for row in _plain(home / "barriers.yaml"))


def _read_weights(home: Path) -> Weights:
    """The learned weights; the same content is read only once."""
    raw = (home / "weights.json").read_bytes()
    if len(raw) > _LARGEST_WEIGHTS:
        raise ValueError("larger than 8 MB")
    return _weights_of(raw)


@lru_cache(maxsize=2)
def _weights_of(raw: bytes) -> Weights:
    """Weights from what stands in a file; every figure is checked to be one, since it may be written by hand."""
    data = json.loads(raw)
    heads, bias = tuple(map(str, data["heads"])), tuple(map(float, data["bias"]))
    features = {str(name): tuple(map(int, row)) for name, row in data["features"].items()}
    if len(bias) != len(heads) or any(len(row) != len(heads) for row in features.values()):
        raise ValueError("weights.json needs one figure for each head, for the bias and for every feature")
    return Weights(
        heads, Figures.of(features), bias, {str(name): float(limit) for name, limit in data["limits"].items()}
    )


def stale_lines(lines: Directory, today: date) -> tuple[str, ...]:
    """The services whose listing was last seen more than 180 days before ``today``, with their country."""
    return tuple(
        f"{land.iso}: {line.service}"
        for land in lines.countries
        for line in land.lines
        if today - max(line.seen, line.called or line.seen) > STALE_AFTER
    )


# --- nextstep check ------------------------------------------------------------------------------------------


def check_safety(folder: Path) -> tuple[SafetyProblem, ...]:
    """Everything wrong in ``folder/safety``, with file and line. Whether the examples fire is proved by the screen.

    S01 unreadable, S02 wrong field, S03 unknown group, S04 a rule without examples, S05 a name twice,
    S06 wordings of a level missing, S07 a country or line twice, S08 the learned weights unusable.
    """
    home = folder if folder.name == "safety" else folder / "safety"
    problems = [*_check_screen(home), *_check_file(home / "replies.yaml", Replies), *_check_lines(home)]
    problems += _check_list(home / "barriers.yaml", Barrier)
    problems += _check_weights(home)
    return tuple(sorted(set(problems), key=lambda one: (one.path, one.line, one.code, one.message)))


def _name(path: Path) -> str:
    parts = path.parts
    return "/".join(("knowledge", *parts[parts.index("safety", max(0, len(parts) - 4)) :]))


def _compose(path: Path) -> tuple[Any, yaml.Node | None, list[SafetyProblem]]:
    """A file's value, its nodes (they know their lines), and what stood in the way."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        reading = loader(path.read_text("utf-8"))
        node = reading.get_single_node()
        return None if node is None else reading.construct_document(node), node, []
    except OSError as error:
        hint = f"cannot be read ({error.strerror}); put the file back"
        return None, None, [SafetyProblem(_name(path), 1, "S01", hint)]
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        hint = "cannot be read as YAML; check indentation, quotes and that it is UTF-8 text"
        return None, None, [SafetyProblem(_name(path), mark.line + 1 if mark else 1, "S01", hint)]


def _line_of(node: yaml.Node | None, place: Iterable[int | str]) -> int:
    line = node.start_mark.line + 1 if node is not None else 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            break
        line = node.start_mark.line + 1 if node is not None else line
    return line


def _invalid(
    path: Path, node: yaml.Node | None, error: ValidationError, within: tuple[int | str, ...] = ()
) -> Iterator[SafetyProblem]:
    for fault in error.errors(include_url=False, include_input=False):
        place = (*within, *fault["loc"])
        where = ".".join(str(step) for step in fault["loc"]) or "the file"
        yield SafetyProblem(_name(path), _line_of(node, place), "S02", f"{where}: {fault['msg']}; correct this field")


def _check_file(path: Path, model: type[BaseModel]) -> Iterator[SafetyProblem]:
    value, node, problems = _compose(path)
    yield from problems
    if problems:
        return
    try:
        read = model.model_validate(value)
    except ValidationError as error:
        yield from _invalid(path, node, error)
        return
    if isinstance(read, Replies):
        yield from _missing_wordings(path, read)


def _missing_wordings(path: Path, replies: Replies) -> Iterator[SafetyProblem]:
    for level in ("concern-for-other", "crisis", "emergency"):
        if "default" not in replies.support.get(level, {}):
            yield SafetyProblem(_name(path), 1, "S06", f"support.{level}.default is missing; write its wordings")
        if not replies.public.get(level):
            yield SafetyProblem(_name(path), 1, "S06", f"public.{level} is missing; write its line")
    if not replies.gentle.get("default"):
        yield SafetyProblem(_name(path), 1, "S06", "gentle.default is missing; write its line")


def _check_list(path: Path, model: type[BaseModel]) -> Iterator[SafetyProblem]:
    value, node, problems = _compose(path)
    yield from problems
    rows = value if isinstance(value, list) else []
    if not problems and not rows:
        yield SafetyProblem(_name(path), 1, "S02", "the file is to be a list of mappings, each starting with '- id:'")
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        line = _line_of(node, (number,))
        try:
            name = str(getattr(model.model_validate(row), "id", number))
        except ValidationError as error:
            yield from _invalid(path, node, error, (number,))
            continue
        if name in seen:
            yield SafetyProblem(
                _name(path), line, "S05", f"'{name}' is there twice (first in line {seen[name]}); rename one"
            )
        seen.setdefault(name, line)


def _check_screen(home: Path) -> Iterator[SafetyProblem]:
    words_path = home / "words.yaml"
    words, _, _ = _compose(words_path)
    yield from _check_file(words_path, WordList)
    groups = set(words.get("groups", {})) if isinstance(words, Mapping) else set()
    if not _rule_files(home):
        yield SafetyProblem(_name(home / "rules"), 1, "S01", "holds no rule files; put them back")
    seen: dict[str, str] = {}
    for path in _rule_files(home):
        yield from _check_list(path, Rule)
        yield from _check_rules(path, groups, seen)


def _check_rules(path: Path, groups: set[str], seen: dict[str, str]) -> Iterator[SafetyProblem]:
    value, node, _ = _compose(path)
    for number, row in enumerate(value if isinstance(value, list) else []):
        if not isinstance(row, Mapping):
            continue
        line, name = _line_of(node, (number,)), str(row.get("id"))
        if seen.setdefault(name, path.name) != path.name:
            yield SafetyProblem(_name(path), line, "S05", f"'{name}' is in {seen[name]} too; rename one")
        if not row.get("fires"):
            yield SafetyProblem(_name(path), line, "S04", f"'{name}' has no example under fires; add one or more")
        for field in ("hears", "also", "too", "unless"):
            for index, phrase in enumerate(row.get(field) or ()):
                for unknown in sorted(set(re.findall(r"\{([^}]*)\}", str(phrase))) - groups):
                    where = _line_of(node, (number, field, index))
                    yield SafetyProblem(
                        _name(path), where, "S03", f"no group {{{unknown}}} in words.yaml; add it or correct the name"
                    )


def _check_weights(home: Path) -> Iterator[SafetyProblem]:
    path = home / "weights.json"
    try:
        _read_weights(home)
    except Exception as error:
        hint = f"cannot be used ({type(error).__name__}); put the file back or learn it anew"
        yield SafetyProblem(_name(path), 1, "S08", hint)


def _check_lines(home: Path) -> Iterator[SafetyProblem]:
    path = home / "lines.yaml"
    yield from _check_file(path, Directory)
    value, node, _ = _compose(path)
    seen: set[tuple[str, str]] = set()
    for number, land in enumerate(value.get("countries", []) if isinstance(value, Mapping) else []):
        names = [str(land.get("iso")), *(str(line.get("service")) for line in land.get("lines", []))]
        for name in names:
            if (names[0], name) in seen:
                where = _line_of(node, ("countries", number))
                yield SafetyProblem(_name(path), where, "S07", f"{names[0]}: '{name}' is there twice; keep one")
            seen.add((names[0], name))
