"""The look-alike guard: a mended name never answers by itself when it could be another name.

Names of medicines lie close together (lamotrigine and lamivudine, citalopram and escitalopram). A word that is
exactly a name is that name. A word that is none, and lies about as near to two names that lead to different
pages, or to a page and to something we do not cover, is asked about.
"""

from __future__ import annotations

from collections import defaultdict

from bot.answering.model import Edit, NameHit
from bot.answering.reading import Reading


def unsure_names(reading: Reading) -> tuple[NameHit, ...] | None:
    """The readings of a misspelt name that leads to more than one thing, best first; ``None`` when all is clear.

    A message that also names one of the possible topics exactly is clear.
    """
    clear = {entry for hit in reading.names if hit.edit is not Edit.TYPO for entry in hit.entries}
    places: dict[int, list[NameHit]] = defaultdict(list)
    for hit in reading.names:
        if hit.edit is Edit.TYPO:
            places[hit.start].append(hit)
    for hits in places.values():
        if any(set(hit.entries) & clear for hit in hits if not hit.foreign):
            continue
        meanings = {(hit.foreign, hit.alias if hit.foreign else hit.entries[:1]) for hit in hits}
        if len(meanings) > 1 or (hits and all(hit.foreign for hit in hits)):
            return tuple(sorted(hits, key=lambda hit: -hit.similarity))
    return None
