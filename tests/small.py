"""A small knowledge written by hand: a folder of files that builds in a moment, for tests of doors and files."""

from __future__ import annotations

from pathlib import Path

from tests.knowledge.examples import Folder

TEMPLATES = """\
templates:
  lead-about: "About {title}:"
  missing-facet: "There is nothing on {facet} for {title} yet."
  unknown-not-found: "I do not have an answer to that."
  unknown-empty: "I could not find words in that message."
"""


def make_folder(path: Path) -> Folder:
    """A sound knowledge folder at ``path``: lithium, and adding lithium."""
    folder = Folder(path)
    folder.append("vocabulary.yaml", TEMPLATES)
    return folder
