"""A small, sound knowledge folder that tests change one thing in."""

from __future__ import annotations

from pathlib import Path

ENTRY = """\
# yaml-language-server: $schema=../schema/entry.json
id: lithium
kind: definition
title: Lithium
aliases: [lithium carbonate, Priadel]
asks:
  - isn't lithium only for bipolar?
  - the salt my psychiatrist wants to add
facets:
  overview: >-
    Lithium is a mood stabilizer that is sometimes added to an antidepressant [@nice-ng222]. It can help when
    one medicine alone did not [@nice-ng222].
  side-effects: >-
    Lithium can cause thirst and a fine shake of the hands [@nhs-lithium]. A diary can help to notice
    changes [practice].
  evidence: >-
    Lithium added to an antidepressant helped more people than placebo in small trials [@nice-ng222].
certainty: moderate
regions:
  GB: >-
    Lithium is prescribed by brand in the UK [@nhs-lithium].
notices: []
stakes: high
related: [adding-lithium]
written: 2026-11-23
review:
  by: none
  on: null
  due: 2027-05-23
"""

STRATEGY = """\
# yaml-language-server: $schema=../schema/entry.json
id: adding-lithium
kind: strategy
title: Adding lithium
asks:
  - how does someone go about adding it
facets:
  overview: >-
    Adding lithium means taking it together with an antidepressant [@nice-ng222].
stakes: high
related: [lithium]
written: 2026-11-23
review:
  by: none
  on: null
  due: 2027-05-23
"""

SOURCES = """\
nice-ng222:
  title: Depression in adults
  authors: National Institute for Health and Care Excellence
  publisher: NICE
  year: 2022
  url: https://www.nice.org.uk/guidance/ng222
  kind: guideline
  checked: read
nhs-lithium:
  title: Lithium
  authors: NHS
  publisher: NHS
  year: 2023
  url: null
  kind: patient-information
  checked: recalled
"""

FILES = {
    "definitions/lithium.yaml": ENTRY,
    "strategies/adding-lithium.yaml": STRATEGY,
    "sources.yaml": SOURCES,
    "combinations.yaml": "pairs: []\n",
    "notices.yaml": "[]\n",
    "vocabulary.yaml": "facets: {}\nlabels: {}\n",
    "look-alikes.yaml": "pairs: []\nknown_not_covered: []\n",
    "families.yaml": "[]\n",
}


class Folder:
    """A knowledge folder on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for inside, content in FILES.items():
            self.write(inside, content)

    def write(self, inside: str, content: str | bytes) -> None:
        """Write one file, making its folder."""
        target = self.path / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def append(self, inside: str, content: str) -> None:
        """Add text at the end of one file."""
        self.write(inside, (self.path / inside).read_text() + content)
