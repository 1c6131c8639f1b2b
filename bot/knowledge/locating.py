"""The one place that knows where the knowledge folder lies."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "NEXTSTEP_KNOWLEDGE"


def locate(named: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The knowledge folder: the one named, else ``NEXTSTEP_KNOWLEDGE``, else the copy that came with the program.

    Does not look whether a named folder exists: loading it says so as a problem, and a crisis is answered all the same.
    """
    if named is not None and str(named):
        return Path(named)
    if chosen := (os.environ if environ is None else environ).get(VARIABLE, "").strip():
        return Path(chosen).expanduser()
    return packaged()


def packaged() -> Path:
    """The copy inside the installed package; in a checkout the repository's own ``knowledge`` folder."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_knowledge"
    return inside if inside.is_dir() else package.parent / "knowledge"
