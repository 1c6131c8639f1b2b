"""The one canonical form of knowledge files, so that edits differ only where their content does.

Keys stand in the model's order, empty ones are left out, prose is folded (``>-``) at 100 columns, short lists are
inline, asks are one a line. Comment lines at the top of a file stay; comments elsewhere are not kept. Files that are
laid out by hand (vocabulary, look-alikes, families) are left as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final, TypeAlias

from pydantic import ValidationError

from bot.errors import KnowledgeError
from bot.knowledge.model import Combinations, Entry, Notice, Redirect, Source
from bot.knowledge.reading import adapter, complaints, what_lies_at
from bot.knowledge.strict_yaml import parse

WIDTH: Final = 100
ENTRY_HEADER: Final = "# yaml-language-server: $schema=../schema/entry.json"

_CANONICAL: Final = frozenset({"entry", "redirect", "source", "combinations", "notice"})
_DEPTH: Final = 2
_INDICATOR: Final = re.compile(r"[-?:](?:\s|$)|[,\[\]{}#&*!|>'\"%@`]")
_BREAKS_PLAIN: Final = re.compile(r":(?:\s|$)|\s#|\n|^\s|\s$|^(?:---|\.\.\.)")
_RISKY_INLINE: Final = re.compile(r"^-|[,\[\]{}:?]")
_OTHER_TYPE: Final = re.compile(
    r"(?i)(?:~|null|true|false|yes|no|on|off|y|n|[-+]?\.?\d[\d_.,:]*(?:e[-+]?\d+)?|0x[\da-f]+|0o[0-7]+|[-+]?\.(?:inf|nan)"
    r"|\d{4}-\d\d?-\d\d?.*|=|<<)"
)
"""What YAML 1.1 or 1.2 readers would take for something other than text; quoted, though this program would not."""
_LOOSE: Final = re.compile(r"(?:^|\n) | (?:\n|$)")
_SINGLE_SPACE: Final = re.compile(r"(?<=[^ ]) (?=[^ ])")


class _Folded(str):
    """Prose, written as a folded block."""


class _Plain(str):
    """A day, number or ``null``: never quoted."""


class _Rows(tuple[str, ...]):
    """A list that is written one item a line, however short."""


_Tree: TypeAlias = "str | Sequence[_Tree] | Mapping[str, _Tree]"


def format_text(text: str, path: PurePath | str) -> str:
    """The canonical form of one file's text; ``path`` tells what it holds. Raises KnowledgeError for a broken file."""
    what = what_lies_at(path)
    if what not in _CANONICAL:
        return text
    label = "/".join(PurePath(path).parts[-3:])
    document = parse(text.encode("utf-8", "replace"), label)
    if document.problem:
        raise KnowledgeError(str(document.problem))
    try:
        value = adapter(what).validate_python(document.value)
    except ValidationError as error:
        raise KnowledgeError("\n".join(map(str, complaints(what, document, label, error)))) from None
    header = "../schema/" if what in {"entry", "redirect"} else "schema/"
    names = {"source": "sources", "notice": "notices"}
    return _head(text, f"# yaml-language-server: $schema={header}{names.get(what, what)}.json") + _body(value)


def canonical_files(folder: Path) -> list[Path]:
    """The files of a knowledge folder that have a canonical form."""
    near = (path for path in folder.rglob("*.yaml") if len(path.relative_to(folder).parts) <= _DEPTH)
    return sorted(path for path in near if what_lies_at(path) in _CANONICAL)


def format_folder(folder: Path, write: bool = True) -> tuple[Path, ...]:
    """The files of a knowledge folder that are not in canonical form; with ``write`` they are rewritten.

    Raises KnowledgeError naming every broken file, after the sound ones were dealt with.
    """
    changed: list[Path] = []
    broken: list[str] = []
    for path in canonical_files(folder):
        try:
            text = path.read_text(encoding="utf-8")
            formatted = format_text(text, path)
        except (KnowledgeError, OSError, UnicodeDecodeError) as error:
            broken.append(str(error) if isinstance(error, KnowledgeError) else f"{path}:1 K01 cannot be read as UTF-8")
            continue
        if formatted != text:
            changed.append(path)
            if write:
                path.write_text(formatted, encoding="utf-8", newline="\n")
    if broken:
        raise KnowledgeError("\n".join(broken))
    return tuple(changed)


def entry_text(entry: Entry) -> str:
    """The file of an entry in canonical form, for editing and export."""
    return f"{ENTRY_HEADER}\n{_body(entry)}"


def file_text(value: Entry | Redirect | Mapping[str, Source], before: str = "") -> str:
    """The canonical file of an entry, a redirect or all sources; ``before`` is the file so far, whose head stays."""
    match value:
        case Entry():
            header = ENTRY_HEADER
        case Redirect():
            header = "# yaml-language-server: $schema=../schema/redirect.json"
        case _:
            header = "# yaml-language-server: $schema=schema/sources.json"
    return _head(before, header) + _body(value if isinstance(value, Entry | Redirect) else dict(value))


def _head(text: str, header: str) -> str:
    """The comment lines at the top of the file, with the line that tells editors the schema first."""
    kept = [header]
    for line in text.removeprefix("\ufeff").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# yaml-language-server:"):
            kept.append(line.rstrip())
    return "\n".join(kept) + "\n"


def _body(value: object) -> str:
    match value:
        case Entry():
            tree: _Tree = _entry(value)
        case Redirect():
            tree = _redirect(value)
        case Combinations():
            tree = _combinations(value)
        case dict():
            tree = {key: _source(source) for key, source in sorted(value.items())}
        case tuple():
            tree = [_notice(notice) for notice in value]
        case _:
            raise TypeError(f"no canonical form for {type(value).__name__}")
    return "".join(f"{line}\n" for line in _lines(tree, 0))


def _entry(entry: Entry) -> _Tree:
    review = entry.review
    return _filled(
        id=entry.id,
        kind=entry.kind.value,
        title=entry.title,
        aliases=entry.aliases,
        asks=_Rows(entry.asks),
        facets={facet.value: _Folded(text) for facet, text in entry.facets.items()},
        certainty=entry.certainty.value if entry.certainty else "",
        regions={country: _Folded(text) for country, text in sorted(entry.regions.items())},
        notices=entry.notices,
        stakes=entry.stakes.value,
        related=entry.related,
        written=_Plain(entry.written.isoformat()),
        review={
            "by": review.by.value,
            "on": _Plain(review.on.isoformat() if review.on else "null"),
            "due": _Plain(review.due.isoformat()),
        },
    )


def _source(source: Source) -> _Tree:
    return _filled(
        title=source.title,
        authors=source.authors,
        publisher=source.publisher,
        year=_Plain(source.year),
        url=_Plain("null") if source.url is None else source.url,
        kind=source.kind.value,
        design=source.design or "",
        checked=source.checked,
    )


def _redirect(redirect: Redirect) -> _Tree:
    return _filled(
        id=redirect.id,
        title=redirect.title,
        asks=_Rows(redirect.asks),
        text=_Folded(redirect.text),
        related=redirect.related,
    )


def _notice(notice: Notice) -> _Tree:
    facets = tuple(facet.value for facet in notice.facets)
    return _filled(id=notice.id, title=notice.title, text=_Folded(notice.text), facets=facets)


def _combinations(combinations: Combinations) -> _Tree:
    pairs = [
        _filled(between=pair.between, severity=pair.severity.value, text=_Folded(pair.text))
        for pair in combinations.pairs
    ]
    return _filled(
        names=dict(sorted(combinations.names.items())),
        members=dict(sorted(combinations.members.items())),
        pages=dict(sorted(combinations.pages.items())),
        pairs=pairs,
    )


def _filled(**fields: _Tree) -> dict[str, _Tree]:
    """The fields without those that hold nothing. A required list or mapping that is empty is written as such."""
    required = {"asks": "[]", "facets": "{}"}
    kept = {key: value for key, value in fields.items() if value}
    kept.update({key: _Plain(required[key]) for key in required if key in fields and not fields[key]})
    return {key: kept[key] for key in fields if key in kept}


def _lines(tree: _Tree, depth: int) -> Iterator[str]:
    """The lines of a mapping or a list at ``depth`` levels of two spaces."""
    pad = "  " * depth
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _field(f"{pad}{_key(key)}:", value, depth)
    elif isinstance(tree, str):
        yield f"{pad}{_scalar(tree)}"
    else:
        for item in tree:
            first, *rest = _lines(item, depth + 1) if isinstance(item, Mapping) else _lines(item, 0)
            yield f"{pad}- {first.strip()}"
            yield from rest
    if not tree and not depth:
        yield "{}" if isinstance(tree, Mapping) else "[]"


def _field(key: str, value: _Tree, depth: int) -> Iterator[str]:
    if isinstance(value, _Folded) and not _LOOSE.search(value):
        yield f"{key} >-"
        yield from _fold(value, "  " * (depth + 1))
    elif isinstance(value, str):
        yield f"{key} {_scalar(value)}"
    elif isinstance(value, Mapping) or not (inline := _inline(key, value)):
        yield key
        yield from _lines(value, depth + 1)
    else:
        yield inline


def _inline(key: str, items: Sequence[_Tree]) -> str | None:
    """A list on one line, when it holds only scalars and is short enough."""
    if isinstance(items, _Rows):
        return None
    scalars = [_scalar(item, flow=True) for item in items if isinstance(item, str)]
    line = f"{key} [{', '.join(scalars)}]"
    return line if len(scalars) == len(items) and len(line) <= WIDTH else None


def _fold(text: str, pad: str) -> Iterator[str]:
    """The lines of a folded block: broken at single spaces only, so that reading gives back the very same text."""
    for number, paragraph in enumerate(text.split("\n")):
        if number:
            yield ""
        line = ""
        for piece in _SINGLE_SPACE.split(paragraph):
            if line and len(pad) + len(line) + 1 + len(piece) > WIDTH:
                yield pad + line
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
        if line:
            yield pad + line


def _key(text: str) -> str:
    """A key: quoted only where it must be, so that the review's ``on`` stays plain."""
    return text if _OTHER_TYPE.fullmatch(text) and text.isalpha() else _scalar(text)


def _scalar(text: str, flow: bool = False) -> str:
    """A scalar on one line: plain where that is safe, otherwise quoted."""
    if isinstance(text, _Plain):
        return str(text)
    risky = not text or _INDICATOR.match(text) or _BREAKS_PLAIN.search(text) or _OTHER_TYPE.fullmatch(text)
    if not risky and not (flow and _RISKY_INLINE.search(text)):
        return str(text)
    if "\n" not in text and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
