"""Lists the licences of everything that the program is shipped with, from the lock and the packages' own metadata.

``make papers`` writes ``docs/licences.md``; a test holds the page to the lock and every licence to the
list of those that go with MIT and CC BY 4.0.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "deploy" / "requirements.txt"
PAGE: Final = ROOT / "docs" / "licences.md"

GO_TOGETHER: Final = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Zlib",
    ]
)
"""Licences that ask no more than to be named, and MPL-2.0, which asks it of its own files only."""

# Read in the package's own licence file where its metadata name none that a program can read, or where the package
# is for another platform than the one that writes the page.
READ: Final = {
    "aiohappyeyeballs": "PSF-2.0",
    "aiosignal": "Apache-2.0",
    "audioop-lts": "PSF-2.0",
    "colorama": "BSD-3-Clause",
    "contourpy": "BSD-3-Clause",
    "cycler": "BSD-3-Clause",
    "discord-py": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
    "kiwisolver": "BSD-3-Clause",
    "matplotlib": "PSF-2.0",
    "shellingham": "ISC",
    "wordllama": "MIT",
}

_CLASSIFIED: Final = {"MIT License": "MIT", "Apache Software License": "Apache-2.0"}


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One locked package; ``licence`` is an SPDX expression, or empty when nobody said."""

    name: str
    version: str
    licence: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The single licences that the expression names."""
        return tuple(part for part in re.findall(r"[\w.-]+", self.licence) if part not in ("AND", "OR", "WITH"))


def locked(lock: Path = LOCK) -> Iterator[tuple[str, str]]:
    """Names and versions of a lock file, several versions of one name where platforms differ."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([a-z0-9][a-z0-9._-]*)==(\S+)", line):
            yield found[1], found[2]


def licence(name: str) -> str:
    """The SPDX expression of a package, from the list above or from its metadata; empty when neither has it."""
    if name in READ:
        return READ[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    said = next((about[key] for key in ("License-Expression", "License") if about[key]), "")
    if re.fullmatch(r"[\w.() -]{1,80}", said) and " License" not in said:
        return said
    kinds = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    return " OR ".join(_CLASSIFIED.get(kind, kind) for kind in kinds)


def packages(lock: Path = LOCK) -> list[Package]:
    """Every locked package with its licence."""
    return sorted(Package(name, version, licence(name)) for name, version in locked(lock))


def page(found: list[Package]) -> str:
    """The page for people."""
    rows = [f"| {one.name} | {one.version} | {one.licence} |" for one in found]
    return "\n".join(
        [
            "# Licences of what NextStep is made with",
            "",
            "The program is under MIT, its words (`knowledge/`, `docs/`) under CC BY 4.0; see `LICENSE`. These",
            "packages are installed with it; `make papers` writes this page from the lock. All of them may be used",
            "and passed on with the program. MPL-2.0 asks that changes to *its own* files are published; nothing here",
            "changes them.",
            "The word vectors are a table inside the `wordllama` package, under that package's licence.",
            "",
            "| package | version | licence |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def main() -> int:
    """Write the page; 1 when a licence is unknown or does not go with ours."""
    found = packages()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(found), encoding="utf-8")
    wrong = [one for one in found if not one.parts or not set(one.parts) <= GO_TOGETHER]
    for one in wrong:
        sys.stderr.write(f"{one.name} {one.version}: licence {one.licence or 'unknown'} has to be looked at.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
