"""From a folder of YAML to one frozen :class:`Knowledge`, with every problem of every file in one go.

Serving takes what is sound and leaves a broken entry (or a broken item of a list) out; only ``nextstep check`` is
strict.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from pydantic import ValidationError

from bot.knowledge.model import (
    Combinations,
    Entry,
    Kind,
    Knowledge,
    LookAlikes,
    Notice,
    Redirect,
)
from bot.knowledge.problems import Problem, in_order
from bot.knowledge.reading import SHARED, adapter, complaints
from bot.knowledge.strict_yaml import LARGEST_FILE, Document, Value, parse

LARGE_FILES: Final[Mapping[str, int]] = dict.fromkeys(
    ("look-alikes.yaml", "sources.yaml", "vocabulary.yaml"), 1024 * 1024
)
BY_ITEM: Final = frozenset({"families", "notice", "source"})
"""Files whose top level is the list of items; the others hold a few named lists."""
OTHER_FILES: Final = frozenset({"hidden.yaml", "interface.yaml"})
"""Files that another reader loads."""
OTHER_FOLDERS: Final = frozenset({"redirects", "safety", "schema", "trials"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be used, and what was wrong. ``documents`` gives the line of any place, by problem path."""

    knowledge: Knowledge
    problems: tuple[Problem, ...]
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)
    root: str = "knowledge"
    """What problem paths begin with."""


def load_knowledge(folder: Path) -> Loaded:
    """Load a knowledge folder. Never raises for what is in it: a missing folder is an empty base and a problem."""
    loader = _Loader(folder)
    try:
        present = folder.is_dir()
    except (OSError, ValueError):
        present = False
    if not present:
        what = "there is no such folder; name one with --knowledge or NEXTSTEP_KNOWLEDGE, or reinstall"
        return Loaded(Knowledge(), (Problem(loader.label("."), 1, "K01", what),))
    no_notices: tuple[Notice, ...] = ()
    knowledge = revise(
        Knowledge(
            entries=loader.entries(),
            sources=loader.one("sources.yaml", "source", {}),
            combinations=loader.one("combinations.yaml", "combinations", Combinations()),
            redirects=loader.redirects(),
            notices={one.id: one for one in loader.one("notices.yaml", "notice", no_notices)},
            vocabulary=loader.one("vocabulary.yaml", "vocabulary", Knowledge().vocabulary),
            look_alikes=loader.one("look-alikes.yaml", "look-alikes", LookAlikes()),
            families=loader.one("families.yaml", "families", ()),
        )
    )
    loader.strays()
    return Loaded(knowledge, in_order(loader.problems), loader.documents, loader.label("."))


def revise(knowledge: Knowledge) -> Knowledge:
    """The same knowledge, in canonical order and with the revision that names its exact content."""
    ordered = knowledge.model_copy(
        update={
            "entries": dict(sorted(knowledge.entries.items())),
            "sources": dict(sorted(knowledge.sources.items())),
            "redirects": dict(sorted(knowledge.redirects.items())),
        }
    )
    return ordered.model_copy(update={"revision": revision_of(ordered)})


def revision_of(knowledge: Knowledge) -> str:
    """Twelve hexadecimal digits of the content's SHA-256, whatever the order of files and keys, or the formatting."""
    content = knowledge.model_dump(mode="json", exclude={"revision"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:12]


class _Loader:
    """Reads the files of one folder and gathers what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}

    def label(self, inside: str) -> str:
        """How a file is named in problems: ``knowledge/definitions/lithium.yaml``, never a path of this machine."""
        name = self.folder.name or "knowledge"
        return name if inside == "." else f"{name}/{inside}"

    def entries(self) -> dict[str, Entry]:
        """Every sound entry, by id."""
        found: dict[str, Entry] = {}
        for kind in Kind:
            for inside, stem in self._files(kind.folder):
                entry = self._whole(inside, "entry")
                if isinstance(entry, Entry) and self._in_place(entry, kind, inside, stem):
                    found[entry.id] = entry
        return found

    def redirects(self) -> dict[str, Redirect]:
        """Every sound redirect, by id."""
        found: dict[str, Redirect] = {}
        for inside, stem in self._files("redirects"):
            redirect = self._whole(inside, "redirect")
            if not isinstance(redirect, Redirect):
                continue
            if redirect.id == stem:
                found[redirect.id] = redirect
            else:
                self._misplaced(inside, redirect.id, f"redirects/{redirect.id}.yaml")
        return found

    def one(self, inside: str, what: str, otherwise: T) -> T:
        """A file that exists once, without its broken items; ``otherwise`` when there is nothing to be saved."""
        document = self._document(inside, required=True)
        if document is None or document.value is None:
            return otherwise
        try:
            return cast(T, adapter(what).validate_python(document.value))
        except ValidationError as error:
            self._complain(inside, document, what, error)
            rest = _without(document.value, error, depth=1 if what in BY_ITEM else 2)
        try:
            return otherwise if rest is None else cast(T, adapter(what).validate_python(rest))
        except ValidationError:
            return otherwise

    def strays(self) -> None:
        """Name YAML files that nothing reads, which are most often misspelt names."""
        folders = {kind.folder for kind in Kind} | OTHER_FOLDERS
        for path in self._listing(self.folder):
            is_folder = path.is_dir()
            if path.name.startswith(".") or (is_folder and path.name in folders):
                continue
            if is_folder or (path.suffix in {".yaml", ".yml"} and path.name not in {*SHARED, *OTHER_FILES}):
                self._add(path.name, 1, "K08", "is not read; rename it or move it to the folder it belongs to")

    def _files(self, folder: str) -> Iterator[tuple[str, str]]:
        for path in self._listing(self.folder / folder):
            inside = f"{folder}/{path.name}"
            if path.suffix == ".yaml" and not path.name.startswith("."):
                yield inside, path.stem
            elif not path.name.startswith("."):
                self._add(inside, 1, "K08", "is not read; files here end in .yaml and lie in no deeper folder")

    def _listing(self, folder: Path) -> list[Path]:
        try:
            return sorted(folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            inside = folder.relative_to(self.folder).as_posix()
            self._add(inside, 1, "K01", f"cannot be listed ({error.strerror}); check its permissions")
            return []

    def _whole(self, inside: str, what: str) -> object:
        document = self._document(inside)
        if document is None or document.value is None:
            return None
        try:
            return adapter(what).validate_python(document.value)
        except ValidationError as error:
            self._complain(inside, document, what, error)
            return None

    def _document(self, inside: str, required: bool = False) -> Document | None:
        path = self.folder / inside
        largest = LARGE_FILES.get(inside, LARGEST_FILE)
        try:
            if not path.is_file():
                if required or path.exists() or path.is_symlink():
                    self._add(inside, 1, "K01", "is missing; restore it from the repository")
                return None
            with path.open("rb") as file:
                data = file.read(largest + 1)
        except OSError as error:
            self._add(inside, 1, "K01", f"cannot be read ({error.strerror}); check its permissions")
            return None
        document = self.documents[self.label(inside)] = parse(data, self.label(inside), largest)
        if document.problem:
            self.problems.append(document.problem)
        elif document.value is None or document.value == "":
            self._add(inside, 1, "K06", "is empty; fill it in or delete it")
            return None
        return document

    def _in_place(self, entry: Entry, kind: Kind, inside: str, stem: str) -> bool:
        right = f"{entry.kind.folder}/{entry.id}.yaml"
        if entry.kind is kind and entry.id == stem:
            return True
        self._misplaced(inside, entry.id, right)
        return False

    def _misplaced(self, inside: str, identity: str, right: str) -> None:
        line = self.documents[self.label(inside)].line(("id",))
        self._add(inside, line, "K08", f"holds '{identity}', which belongs in {right}; move it, or mend id and kind")

    def _complain(self, inside: str, document: Document, what: str, error: ValidationError) -> None:
        self.problems += complaints(what, document, self.label(inside), error)

    def _add(self, inside: str, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(self.label(inside), line, code, message))


def _without(value: Value, error: ValidationError, depth: int) -> Value | None:
    """The value without the items, ``depth`` levels down, that are wrong; ``None`` when the whole is."""
    doomed = {_item(value, detail["loc"][:depth]) for detail in error.errors(include_url=False, include_input=False)}
    if () in doomed:
        return None
    kept = _copy(value)
    # Deepest first and from the end, so that positions in lists stay true while items go.
    for place in sorted(doomed, key=lambda one: (len(one), [(str(type(part)), part) for part in one]), reverse=True):
        holder: Any = kept
        for part in place[:-1]:
            holder = holder[part]
        del holder[place[-1]]
    return kept


def _item(value: Value, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """As much of a place as exists in the value: a missing key is not there to be left out, what should hold it is."""
    found: list[int | str] = []
    holder: Value = value
    for part in place:
        in_mapping = isinstance(holder, dict) and part in holder
        if not in_mapping and not (isinstance(holder, list) and isinstance(part, int) and part < len(holder)):
            break
        holder = holder[part]  # type: ignore[index]
        found.append(part)
    return tuple(found)


def _copy(value: Value) -> Value:
    match value:
        case dict():
            return {key: _copy(inner) for key, inner in value.items()}
        case list():
            return [_copy(inner) for inner in value]
        case _:
            return value
