"""From published edits back to canonical YAML: only what changed is written, and what is written passes the check."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from bot.editing.ends import substances_of, unlinked
from bot.editing.model import Edit, Place, Subject, content_hash, value_in
from bot.editing.overlay import laid
from bot.editing.states import State
from bot.editing.tombstones import FILE as TOMBSTONES
from bot.editing.tombstones import read_tombstones, tombstone_text
from bot.errors import EditError
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Entry, Knowledge, Redirect
from bot.knowledge.problems import Gravity, Problem
from bot.knowledge.rules import check
from bot.knowledge.writing import file_text, format_text

TRIALS: Final = "trials/editors.jsonl"
_FAMILY: Final = re.compile(r"(?P<lead>- )\[(?P<members>.*)\]\s*$")
_AMBIGUOUS: Final = re.compile(r"(?P<lead>  [^:#]+: )\[(?P<members>[a-z0-9, -]*)\]\s*$")
_NEAREST: Final = re.compile(r"(\bnearest: )([a-z0-9-]+)(?=[,}\s]|$)")


@dataclass(frozen=True, slots=True)
class Change:
    """One file of the knowledge folder that an export writes; ``after`` is ``None`` when it goes."""

    path: str
    before: str | None
    after: str | None

    @property
    def verb(self) -> str:
        """What happens to the file."""
        return "delete" if self.after is None else "change" if self.before is not None else "add"


def export_changes(
    folder: Path, edits: Iterable[Edit], lifted: Iterable[Place] = (), places: frozenset[Place] | None = None
) -> tuple[Change, ...]:
    """What writing the published edits back would change. ``places`` keeps to some of them.

    Raises:
        EditError: an edit cannot be read by this version.
    """
    chosen = [edit for edit in edits if places is None or edit.place in places]
    published = [edit for edit in chosen if edit.state is State.PUBLISHED]
    files = load_knowledge(folder).knowledge
    after = files
    for edit in published:
        after = laid(after, edit.content())
    changed = [*_values(folder, files, _linked(after, files)), *_sources(folder, files, after)]
    changed += [*_unlinked_files(folder, files, after), _trials(folder, published)]
    hidden = [edit for edit in chosen if edit.state is State.HIDDEN]
    changed.append(_hidden(folder, hidden, read_tombstones(folder) - frozenset(lifted)))
    return tuple(change for change in changed if change.before != change.after)


def write_changes(folder: Path, changes: Iterable[Change]) -> None:
    """Write the files, each in one step."""
    for change in changes:
        path = folder / change.path
        if change.after is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(change.after, encoding="utf-8", newline="\n")
        partial.replace(path)


def proven(
    folder: Path,
    changes: tuple[Change, ...],
    today: date,
    checking: Callable[[Path, date], tuple[Problem, ...]] = check,
) -> tuple[Problem, ...]:
    """The errors that the check would find after the export and does not find before; nothing in ``folder`` changes."""
    if not changes:
        return ()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy)
        write_changes(copy, changes)
        found = [one for one in checking(copy, today) if one.severity is Gravity.ERROR]
    before = {(one.path, one.code, one.message) for one in checking(folder, today)} if found else set()
    return tuple(one for one in found if (one.path, one.code, one.message) not in before)


def export(folder: Path, changes: tuple[Change, ...], today: date) -> None:
    """Write the changes, unless the folder would no longer pass the check.

    Raises:
        EditError: it would not; every complaint with file and line.
    """
    problems = proven(folder, changes, today)
    if problems:
        raise EditError("\n".join((*map(str, problems), "Nothing was written. Mend these edits or files first.")))
    write_changes(folder, changes)


# --- inside ------------------------------------------------------------------------------------------------------


def _linked(after: Knowledge, files: Knowledge) -> Knowledge:
    """The knowledge without links to entries that were retired."""
    gone = files.entries.keys() - after.entries.keys()
    if not gone:
        return after
    entries = {key: unlinked(entry, gone) for key, entry in after.entries.items()}
    redirects = {key: unlinked(redirect, gone) for key, redirect in after.redirects.items()}
    return after.model_copy(update={"entries": entries, "redirects": redirects})


def _values(folder: Path, files: Knowledge, after: Knowledge) -> Iterator[Change]:
    keys = [Place(Subject.ENTRY, key) for key in files.entries.keys() | after.entries.keys()]
    keys += [Place(Subject.REDIRECT, key) for key in files.redirects.keys() | after.redirects.keys()]
    for place in sorted(keys):
        old, new = value_in(files, place), value_in(after, place)
        if content_hash(old) == content_hash(new):
            continue
        if isinstance(old, Entry | Redirect) and (new is None or _file(old) != _file(new)):
            yield Change(_file(old), _read(folder, _file(old)), None)
        if isinstance(new, Entry | Redirect):
            before = _read(folder, _file(new))
            yield Change(_file(new), before, file_text(new, before or ""))


def _file(value: object) -> str:
    match value:
        case Entry():
            return f"{value.kind.folder}/{value.id}.yaml"
        case Redirect():
            return f"redirects/{value.id}.yaml"
        case _:
            return ""


def _sources(folder: Path, files: Knowledge, after: Knowledge) -> Iterator[Change]:
    """The sources with new and changed ones. None is dropped: other files may cite it, and the check names orphans."""
    if after.sources != files.sources:
        before = _read(folder, "sources.yaml")
        yield Change("sources.yaml", before, file_text(after.sources, before or ""))


def _unlinked_files(folder: Path, files: Knowledge, after: Knowledge) -> Iterator[Change]:
    """Files that are laid out by hand: only the lines that name a page that went are changed."""
    gone = files.entries.keys() - after.entries.keys()
    for name, mend in (("families.yaml", _families), ("vocabulary.yaml", _vocabulary), ("look-alikes.yaml", _offers)):
        before = _read(folder, name)
        if gone and before is not None:
            yield Change(name, before, "".join(f"{row}\n" for row in mend(before.splitlines(), gone)))
    name, before = "combinations.yaml", _read(folder, "combinations.yaml")
    if gone and before is not None:
        named = substances_of(files.combinations, [files.entries[key] for key in sorted(gone)])
        after_all = "".join(f"{row}\n" for row in _substances(before.splitlines(), gone, named))
        yield Change(name, before, format_text(after_all, name))


def _substances(lines: Sequence[str], gone: Set[str], named: Mapping[str, Sequence[str]]) -> list[str]:
    """Pages of substances that went are forgotten, and what had a page of its own is known by its names from now on."""
    part = ""
    kept: list[str] = []
    for line in (*lines, ""):
        part = line.partition(":")[0] if line[:1].isalpha() else part
        if part == "pages" and line.partition(": ")[2].strip() in gone:
            continue
        kept.append(line)
    kept = [line for at, line in enumerate(kept) if line != "pages:" or kept[at + 1][:1] == " "]
    kept.pop()
    rows = [f"  {key}: {json.dumps(list(words), ensure_ascii=False)}" for key, words in sorted(named.items())]
    if not rows:
        return kept
    if "names:" not in kept:
        return [*kept, "names:", *rows]
    at = kept.index("names:") + 1
    return [*kept[:at], *rows, *kept[at:]]


def _families(lines: Sequence[str], gone: Set[str]) -> list[str]:
    rows = [row for line in lines if (row := _shorter(line, _FAMILY, gone)) is not None]
    return rows if any(row.startswith(("-", "[")) for row in rows) else [*rows, "[]"]


def _vocabulary(lines: Sequence[str], gone: Set[str]) -> list[str]:
    return _part(_part(lines, "ambiguous", partial(_names, gone=gone)), "nicknames", partial(_nicknames, gone=gone))


def _part(lines: Sequence[str], name: str, mend: Callable[[Sequence[str]], list[str]]) -> list[str]:
    """A file with one of its parts mended: the line ``name:`` and all that belongs to it."""
    if f"{name}:" not in lines:
        return list(lines)
    begin = lines.index(f"{name}:")
    end = next((at for at in range(begin + 1, len(lines)) if lines[at][:1].isalpha()), len(lines))
    return [*lines[:begin], *mend(lines[begin + 1 : end]), *lines[end:]]


def _names(lines: Sequence[str], gone: Set[str]) -> list[str]:
    """``  brain stimulation: [tms, ect]``; a name of one page alone is not ambiguous."""
    names = [row for line in lines if (row := _shorter(line, _AMBIGUOUS, gone)) is not None]
    return ["ambiguous:" if any(_AMBIGUOUS.match(row) for row in names) else "ambiguous: {}", *names]


def _nicknames(lines: Sequence[str], gone: Set[str]) -> list[str]:
    """``  ect: [the zap]``, without the pages that are gone."""
    kept = [row for row in lines if row.strip().partition(":")[0] not in gone]
    return ["nicknames:", *kept] if any(kept) else []


def _shorter(line: str, pattern: re.Pattern[str], gone: Set[str]) -> str | None:
    """The line without ids that are gone from its list; ``None`` when fewer than two are left."""
    found = pattern.match(line)
    if found is None:
        return line
    members = [one.strip() for one in found["members"].split(",")]
    kept = [one for one in members if one not in gone]
    if kept == members:
        return line
    return f"{found['lead']}[{', '.join(kept)}]" if len(kept) > 1 else None


def _offers(lines: Sequence[str], gone: Set[str]) -> Iterator[str]:
    """A name without a page of its own that offered a page which is gone offers none."""
    for line in lines:
        found = _NEAREST.search(line)
        yield line if found is None or found[2] not in gone else f"{line[: found.end(1)]}null{line[found.end() :]}"


def _trials(folder: Path, published: Iterable[Edit]) -> Change:
    """Questions that edits promised to answer, each once."""
    before = _read(folder, TRIALS)
    rows = (before or "").splitlines()
    known = {str(json.loads(row).get("text")) for row in rows if row.strip()}
    rows += [row for edit in published for row in trial_rows(edit) if json.loads(row)["text"] not in known]
    text = "".join(f"{row}\n" for row in dict.fromkeys(rows))
    return Change(TRIALS, before, text if rows else before)


def trial_rows(edit: Edit) -> tuple[str, ...]:
    """The labelled rows of an edit: its questions with the entry that answers them; redirects answer none."""
    expect = [edit.place.key] if edit.place.subject is Subject.ENTRY else []
    rows: list[Mapping[str, object]] = [
        {"text": text, "expect": expect, "facet": None, "style": "editors"} for text in edit.trials
    ]
    return tuple(json.dumps(row, ensure_ascii=False) for row in rows)


def _hidden(folder: Path, hidden: Iterable[Edit], kept: Iterable[Place]) -> Change:
    before = _read(folder, TOMBSTONES)
    return Change(TOMBSTONES, before, tombstone_text(hidden, kept) or None)


def _read(folder: Path, inside: str) -> str | None:
    try:
        return (folder / inside).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
