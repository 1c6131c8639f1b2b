"""An audit that compared nothing says so; one that did says what it found."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.audit import UNREACHED, Audited, told, understood

SKIPPED = {"name": "numpy", "version": "2.0", "skip_reason": "not found"}
SOUND = {"name": "rich", "version": "14.0", "vulns": []}
BAD = {"name": "yarl", "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}, {"id": "X-2"}]}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SKIPPED], UNREACHED, "NOT COMPARED"),
        ([], UNREACHED, "NOT COMPARED"),
        ([SOUND, SKIPPED], 0, "1 packages compared with the advisories of osv.\nNo advisory is known"),
        ([SOUND, BAD], 1, "yarl 1.0: X-1, mended in 1.1\nyarl 1.0: X-2, not mended yet"),
    ],
)
def test_what_is_said_of_a_report(packages: list[dict[str, Any]], code: int, said: str) -> None:
    text, ended = told(("osv",), lambda source: understood(source, {"dependencies": packages}))
    assert (said in text, ended) == (True, code)
    assert ("Not known there: numpy" in text) == (SKIPPED in packages and ended == 0)


def test_the_second_source_is_asked_when_the_first_is_out_of_reach() -> None:
    asked: list[str] = []

    def ask(source: str) -> Audited | None:
        asked.append(source)
        return None if source == "pypi" else Audited(source, 3, (), ())

    text, code = told(("pypi", "osv", "third"), ask)
    assert (asked, code) == (["pypi", "osv"], 0)
    assert "3 packages compared with the advisories of osv" in text
