"""A small, sound knowledge folder that tests change one thing in."""

from __future__ import annotations

from pathlib import Path

from bot.knowledge.model import Facet

ENTRY = """\
# yaml-language-server: $schema=../schema/entry.json
id: lithium
kind: definition
title: Lithium
aliases: [lithium carbonate, Priadel]
asks:
  - isn't lithium only for bipolar?
  - the salt my psychiatrist wants to add
  - lithium blood tests, how often and why
  - does this stuff make your hands shake
  - my dad was on Priadel in the eighties
  - thirsty all day since I started it
  - is lithium the same as in batteries
  - how well does it work on top of an SSRI
  - I'm scared of lithium, is that silly
  - what brand do they give in England
  - old fashioned mood stabilizer from the ground
  - will it change who I am
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
  - one pill is not enough, what do they put on top
  - adding a second thing to my antidepressant
  - what happens at the first appointment for this
  - who decides whether to add it
  - half helped by my meds, next step?
  - my psychiatrist said top-up
  - do I keep the old medicine then
  - how soon do people notice it
  - is a combination like that common
  - blood tests before adding, why
  - boosting an antidepressant
facets:
  overview: >-
    Adding lithium means that it goes on top of another drug [@nice-ng222].
  evidence: >-
    Adding lithium helped more people than placebo did [@nice-ng222].
  process: >-
    Adding lithium begins with a talk and a blood test [@nhs-lithium].
certainty: low
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

FACETS = [facet.value for facet in Facet]
VOCABULARY = "".join(
    f"{key}: {{{', '.join(f'{name}: {form.format(name)}' for name in FACETS)}}}\n"
    for key, form in (("facets", "[about {}]"), ("labels", "{}"))
)
LOOK_ALIKES = """\
pairs: []
known_not_covered:
  - {name: fluvoxamine, aka: [Luvox], what: another medicine}
"""

FILES = {
    "definitions/lithium.yaml": ENTRY,
    "strategies/adding-lithium.yaml": STRATEGY,
    "sources.yaml": SOURCES,
    "combinations.yaml": "pairs: []\n",
    "notices.yaml": "[]\n",
    "vocabulary.yaml": VOCABULARY,
    "look-alikes.yaml": LOOK_ALIKES,
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
