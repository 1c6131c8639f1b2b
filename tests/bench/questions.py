"""The knowledge and the questions that everything is measured on."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from bot.evaluation.rows import QuestionRow, SafetyRow, read_rows
from bot.knowledge.loading import load_knowledge
from bot.knowledge.model import Knowledge
from bot.knowledge.safety import load_safety
from bot.knowledge.safety_model import Safety

SEED = 20261123
UNSEEN = ("questions-more.jsonl", "questions-fresh.jsonl", "questions-late.jsonl")
"""Trials that no weight of matching is learned from."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One knowledge folder, loaded, with its trials."""

    folder: Path
    knowledge: Knowledge
    safety: Safety
    rows: tuple[QuestionRow, ...]
    unseen: tuple[QuestionRow, ...]
    """Those of :attr:`rows` that no weight of matching was learned from."""
    messages: tuple[str, ...]
    """Every labelled text, questions and messages about danger alike."""

    def single(self, most: int, *, unseen: bool = False) -> list[QuestionRow]:
        """Questions of one turn that some entry answers, at most ``most`` of them, drawn with a fixed seed."""
        drawn = self.unseen if unseen and self.unseen else self.rows
        rows = [row for row in drawn if len(row.turns) == 1 and set(row.turns[0].expect) & set(self.entries)]
        return rows if len(rows) <= most else random.Random(SEED).sample(rows, most)

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(self.knowledge.entries)


def load(folder: Path) -> Ground:
    """Read a knowledge folder and its ``trials``."""
    trials = folder / "trials"
    rows = read_rows(sorted(trials.glob("*.jsonl")))
    unseen = read_rows([trials / name for name in UNSEEN if (trials / name).is_file()])
    questions = tuple(row for row in rows if isinstance(row, QuestionRow))
    dangers = [row.text for row in rows if isinstance(row, SafetyRow)]
    texts = (*(turn.text for row in questions for turn in row.turns), *dangers)
    return Ground(
        folder,
        load_knowledge(folder).knowledge,
        load_safety(folder / "safety"),
        questions,
        tuple(row for row in unseen if isinstance(row, QuestionRow)),
        texts,
    )
