"""A compiled copy of everything an answer needs, so that ``nextstep ask`` starts in well under a second.

The copy is named by a hash of every byte that went into it: the files of the knowledge folder, the program's own
sources and weights, Python and numpy. Any change means another name, so a copy can never be stale; whatever is wrong
with one, it is built afresh. It holds nothing but the published knowledge, lies in the user's own cache folder, and is
only read when that folder and file belong to this user and nobody else can write them.

Large tables lie in the copy as they lie in memory, and are mapped rather than read (pickle's protocol 5, PEP 574): one
question looks at a few rows of them, and only those come from the disk. What is written to them stays in the process.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import pickle
import platform
import stat
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from bot.collector import uncollected

T = TypeVar("T")

_KEPT: Final = 3
_ABANDONED_SECONDS: Final = 3600.0
_COUNT: Final = struct.Struct("<Q")
_ALIGNED: Final = 64
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """Where compiled copies lie: ``$XDG_CACHE_HOME/nextstep`` or ``~/.cache/nextstep``."""
    base = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(base) if base else Path.home() / ".cache") / "nextstep"


def fingerprint(folder: Path) -> str:
    """A hash over all that a compiled copy depends on. Raises :class:`OSError` for what cannot be read."""
    digest = hashlib.sha256(f"{platform.python_version()} {_version('numpy')} {_version('wordllama')}".encode())
    program = Path(__file__).parent
    for root, patterns in ((program, ("*.py", "*.json")), (folder, ("*.yaml", "*.json"))):
        for path in sorted(_files(root, patterns)):
            content = path.read_bytes()
            digest.update(f"\0{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:32]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _files(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from (
            path for path in folder.rglob(pattern) if "_knowledge" not in path.parts or folder.name == "_knowledge"
        )


def compiled(folder: Path, build: Callable[[], T], cache: Path | None = None) -> T:
    """The compiled copy for ``folder``, or what ``build`` makes, kept for the next time where that is possible."""
    try:
        home = cache or cache_folder()
        path = home / f"{fingerprint(folder)}.pickle"
    except (OSError, RuntimeError):
        return build()
    found = _read(path)
    if found is not None:
        return found  # type: ignore[no-any-return]
    made = build()
    with suppress(OSError, pickle.PicklingError, AttributeError, TypeError):  # the last two: what cannot be pickled
        _write(path, made)
    return made


def _read(path: Path) -> Any:
    """What a copy holds, or ``None`` when there is none, it is not ours alone, or it cannot be read."""
    try:
        for place in (path.parent, path):
            found = place.stat()
            if found.st_uid != os.getuid() or found.st_mode & _OTHERS_MAY_WRITE:
                return None
        with path.open("rb") as file:
            os.utime(path)  # in use: others are forgotten first
            with uncollected():
                return _unpacked(file)
    except Exception:  # a copy that cannot be read is built afresh
        return None


def _write(path: Path, made: object) -> None:
    """Write beside and rename, so that nobody reads half a copy; then tidy up."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            _pack(made, file)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    Path(file.name).replace(path)
    _tidy(path.parent)


def _pack(made: object, file: IO[bytes]) -> None:
    """First how long each part is, then the parts, each where memory likes to have it: the object, and its tables."""
    tables: list[pickle.PickleBuffer] = []
    shape = pickle.dumps(made, protocol=5, buffer_callback=tables.append)
    parts = [memoryview(shape), *(table.raw() for table in tables)]
    file.write(_COUNT.pack(len(parts)) + b"".join(_COUNT.pack(part.nbytes) for part in parts))
    for part in parts:
        file.write(bytes(-file.tell() % _ALIGNED))
        file.write(part)


def _unpacked(file: IO[bytes]) -> Any:
    """What was packed. Raises for anything else, and for a copy that lacks something."""
    whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    (count,) = _COUNT.unpack_from(whole)
    end, parts = _COUNT.size * (1 + count), []
    for number in range(1, count + 1):
        (size,) = _COUNT.unpack_from(whole, _COUNT.size * number)
        start = end + -end % _ALIGNED
        end = start + size
        parts.append(slice(start, end))
    if end != len(whole):
        raise ValueError("incomplete")
    file.seek(parts[0].start)
    return pickle.load(file, buffers=[whole[part] for part in parts[1:]])  # noqa: S301 - our own file, checked before


def _tidy(home: Path) -> None:
    """Forget all copies but the few used last, and what a killed process left half-written."""
    copies = sorted(home.glob("*.pickle"), key=lambda copy: copy.stat().st_mtime, reverse=True)
    halves = [half for half in home.glob("*.part") if time.time() - half.stat().st_mtime > _ABANDONED_SECONDS]
    for old in (*copies[_KEPT:], *halves):
        old.unlink(missing_ok=True)
