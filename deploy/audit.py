"""Compares the locked dependencies with the published advisories, and never passes off silence as safety.

``make audit`` asks pip-audit's two sources in turn. Exit 0: compared, nothing known; 1: advisories were found; 75:
neither source could be reached, so nothing was compared and it should be tried again where there is a network.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "deploy" / "requirements.txt"
SOURCES: Final = ("pypi", "osv")
SECONDS: Final = 300
UNREACHED: Final = 75
"""``EX_TEMPFAIL`` of sysexits.h."""


@dataclass(frozen=True, slots=True)
class Audited:
    """What one source said: how many packages it knew, how many not, and the advisories."""

    source: str
    compared: int
    unknown: tuple[str, ...]
    advisories: tuple[str, ...]


def asked(source: str) -> Audited | None:
    """What pip-audit finds out from a source; ``None`` when that could not be reached."""
    command = ["uv", "tool", "run", "pip-audit", "--require-hashes", "--disable-pip", "--progress-spinner=off"]
    command += ["--vulnerability-service", source, "--format", "json", "-r", str(LOCK)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603
        return understood(source, json.loads(ended.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        return None


def understood(source: str, report: Mapping[str, Any]) -> Audited | None:
    """A report of pip-audit; ``None`` when it knew nothing about anything."""
    packages = report.get("dependencies", [])
    known = [one for one in packages if "skip_reason" not in one]
    if not known:
        return None
    found = [f"{one['name']} {one['version']}: {bad['id']}, {_mended(bad)}" for one in known for bad in one["vulns"]]
    unknown = tuple(one["name"] for one in packages if "skip_reason" in one)
    return Audited(source, len(known), unknown, tuple(found))


def _mended(advisory: Mapping[str, Any]) -> str:
    versions = advisory.get("fix_versions") or ()
    return f"mended in {', '.join(versions)}" if versions else "not mended yet"


def told(sources: Sequence[str], ask: Callable[[str], Audited | None] = asked) -> tuple[str, int]:
    """What to print, and the exit code."""
    for source in sources:
        audited = ask(source)
        if audited is None:
            continue
        head = f"{audited.compared} packages compared with the advisories of {source}."
        left = f"Not known there: {', '.join(audited.unknown)}." if audited.unknown else ""
        found = audited.advisories or ("No advisory is known for any of them.",)
        return "\n".join(filter(None, (head, *found, left))), int(bool(audited.advisories))
    return (
        f"NOT COMPARED: the advisories of {' and '.join(sources)} cannot be reached from here. Nothing is known about "
        "the locked dependencies, neither good nor bad. Run make audit again where there is a network."
    ), UNREACHED


def main() -> int:
    """Audit, print, end."""
    if shutil.which("uv") is None:
        sys.stderr.write("make audit needs uv: python3 -m pip install uv\n")
        return 1
    said, code = told(SOURCES)
    sys.stdout.write(f"{said}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
