"""``nextstep tune``: learn all weights, calibrate, report by cross-validation, and store them as data."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from itertools import combinations, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.facets import FACET_SIGNALS, FacetWeights, facet_figures, wording_of
from bot.answering.facetwords import FACETS
from bot.answering.index import Index, held_out
from bot.answering.matching import NOTHING, SIGNS, Weights, shipped_data, signs_of, twinned_with, weights_to
from bot.answering.model import Conversation, Mode, Question
from bot.answering.phrasings import REDIRECT, Phrasing
from bot.answering.pipeline import MOST_TOPICS, Answerer
from bot.answering.thinking import Mind
from bot.evaluation.comparisons import learn_comparing
from bot.evaluation.rows import QuestionRow, Turn, read_rows
from bot.evaluation.scoring import COMPARE, START
from bot.evaluation.tuning import (
    Example,
    Lessons,
    cross_validated,
    folds,
    join,
    learn,
    lessons,
    logistic,
    probabilities,
)
from bot.evaluation.wordings import learn_facet_words, learn_leaning
from bot.knowledge.model import Facet, Kind, Knowledge

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]

OWN_IMPORTANCE: Final = 0.05
"""What one of an entry's own asks counts beside one labelled question: there are many, and they are easier."""
OWN_TALK_IMPORTANCE: Final = 0.05
"""The same for an ask turned into a part of a conversation."""
FOLLOW_UP_IMPORTANCE: Final = 2.0
"""What a follow-up counts: there are few, and they alone teach what context is worth."""
TALK_IMPORTANCE: Final = 0.5
"""What a turn of the conversations that are lessons counts."""
OWN_SIGN_IMPORTANCE: Final = 0.15
"""What one ask that an index was built without counts for the confidence, beside one labelled question."""
_LEAST_TWIN: Final = 0.1
TOPIC_AND_FACET_IMPORTANCE: Final = 0.003
OWN_PARTS: Final = 2
"""How many fifths of the asks are lessons; more would take longer and teach the same."""
_TALK_PARTS: Final = 5
_RICH: Final = 5
_IT: Final = re.compile(r"\b(?:it|this stuff|this|these pills|these tablets|these meds|that one|this one|them|these)\b")
_OWN_PAGES: Final = re.compile(
    r"alcohol|drink|beer|wine|booze|drunk|weed|cannabis|pregnan|breastf|nursing|driv|teen|kid|child|old"
    r"|elder|ibuprofen|painkill|cold |cough|generic|brand"
)
_CONTEXT: Final = NOTHING.index("context")
_HALF: Final = len(SIGNS) // 2
"""So many signs are for lone questions; each has one beside it for talk."""


def tune(answerer: Answerer, paths: Sequence[Path], lessons_folder: Path, write: bool) -> str:
    """Learn from the entries' own asks, the labelled rows, and the lessons: conversations, and questions by facet.

    ``write`` stores the result. Returns a report.
    """
    mind = answerer.mind
    talks = question_rows([lessons_folder / "conversations.jsonl"])
    asked = [turn for row in (*question_rows([lessons_folder / "facets.jsonl"]), *talks) for turn in row.turns]
    facet_words = learn_facet_words(mind, asked)
    leaning = learn_leaning(mind.index.reader, talks)
    mind = replace(mind, facets=replace(mind.facets, learned=facet_words), leaning=leaning)
    rows = question_rows(paths)
    facet_rows = [
        turn for row in (*rows, *talks) for turn in row.turns if turn.facet and turn.expect and row.style != COMPARE
    ]
    facet_weights, facet_share = learn_facets(mind, facet_rows)
    mind = replace(mind, facet_weights=facet_weights)
    trials = lessons(mind, examples(rows), 1.0)
    own = join(
        [
            own_lessons(mind),
            lessons(mind, topic_and_facet(mind.knowledge), TOPIC_AND_FACET_IMPORTANCE),
            *talk_lessons(mind, talks),
        ]
    )
    held = cross_validated(own, trials)
    weights = replace(learn(join([own, trials])), twins=twins([*rows, *talks]))
    weights = replace(weights, confidence=_calibrated(mind, weights, held, trials, examples(talks), own))
    talked = answerer.minded(replace(mind, weights=weights))
    later = [one for row in (*rows, *talks) for one in follow_ups(talked, row)]
    weights = replace(weights, confidence=_calibrated(mind, weights, held, trials, later, own))
    compared = question_rows([lessons_folder.parent / "comparisons.jsonl", lessons_folder / "comparisons.jsonl"])
    comparing, recognised = learn_comparing(replace(mind, weights=weights), [*rows, *compared])
    weights = replace(weights, comparing=comparing)
    data: dict[str, Any] = {**shipped_data(), **weights_to(weights), "facets": facet_weights.to_data()}
    if write:
        folder = Path(str(files("bot.answering")))
        folder.joinpath("weights.json").write_text(_a_line_each(data, "twins"), encoding="utf-8")
        folder.joinpath("facet_words.json").write_text(
            _a_line_each(facet_words.to_data(), "features"), encoding="utf-8"
        )
        folder.joinpath("leaning.json").write_text(_a_line_each(leaning.to_data(), "after"), encoding="utf-8")
    return "\n".join(
        [
            _report(held, trials),
            f"facet right by cross-validation: {facet_share:.3f} of {len(facet_rows)}",
            recognised,
            "weights written" if write else "nothing written; use --write to store",
        ]
    )


def follow_ups(answerer: Answerer, row: QuestionRow) -> list[Example]:
    """The later turns of a conversation that was really had: each leans on what was understood before, right or not."""
    found: list[Example] = []
    conversation = Conversation()
    for place, turn in enumerate(row.turns):
        if place:
            found.append(Example(turn.text, frozenset(turn.expect), conversation.topics))
        question = Question(turn.text, START + timedelta(minutes=place), Mode.ADDRESSED)
        _, conversation = answerer.reply(question, conversation)
    return found


def _calibrated(
    mind: Mind, weights: Weights, held: Floats, trials: Lessons, talked: Sequence[Example], own: Lessons
) -> Floats:
    """Weights of the signs, from lone ``trials`` (``held``: their probabilities), ``talked`` turns and own asks."""
    lone = np.flatnonzero(trials.nothing[:, _CONTEXT] == 0)
    later = lessons(mind, talked, 1.0)
    judged = np.concatenate([held[lone], *(probabilities(part, weights) for part in (later, own))])
    return calibrate(judged, join([trials.take(lone), later]), own, mind.index, weights.twins)


def question_rows(paths: Sequence[Path]) -> list[QuestionRow]:
    """The questions and conversations of some files. Raises :class:`UsageError` like :func:`read_rows`."""
    return [row for row in read_rows(paths) if isinstance(row, QuestionRow)]


def examples(rows: Sequence[QuestionRow]) -> list[Example]:
    """Labelled turns as examples. A later turn leans on the entries that the turns before were about.

    Every fourth lone question is also put after some other topic, so that a change of topic is learned too.
    """
    turns = [example for row in rows if row.style != COMPARE for example in _turns(row)]
    lone = [example for example in turns if not example.topics]
    return [*turns, *_moved(lone, [entry for one in lone for entry in sorted(one.accepted)[:1]], every=4)]


def _moved(lone: Sequence[Example], topics: Sequence[str], *, every: int) -> list[Example]:
    """Every so many lone questions after talk about something else."""
    return [
        replace(one, topics=(topics[(7 * place + 3) % len(topics)],))
        for place, one in enumerate(lone)
        if place % every == 0
    ]


def _turns(row: QuestionRow) -> Iterator[Example]:
    """Each turn of a row with the first pages of those before it, as if all had been understood."""
    topics: tuple[str, ...] = ()
    for turn in row.turns:
        yield Example(turn.text, frozenset(turn.expect), topics, FOLLOW_UP_IMPORTANCE if topics else 1.0)
        pages = (entry for entry in turn.expect[:1] if not entry.startswith(REDIRECT))
        topics = tuple(dict.fromkeys((*pages, *topics)))[:MOST_TOPICS]


def talk_lessons(mind: Mind, talks: Sequence[QuestionRow]) -> list[Lessons]:
    """The conversations as lessons, each part read by what the other parts taught of how talk goes on."""
    assigned = folds(len(talks), _TALK_PARTS).tolist()
    found: list[Lessons] = []
    for part in range(_TALK_PARTS):
        others = [talk for talk, place in zip(talks, assigned, strict=True) if place != part]
        these = [talk for talk, place in zip(talks, assigned, strict=True) if place == part]
        leaning = learn_leaning(mind.index.reader, others)
        found.append(lessons(replace(mind, leaning=leaning), examples(these), TALK_IMPORTANCE))
    return found


def own_lessons(mind: Mind) -> Lessons:
    """Two fifths of all asks, put to indexes that were built without them: by themselves, and in conversations.

    A named topic is also left unsaid, with the talk having been about it; and some asks come after talk about
    something else.
    """
    parts = islice(held_out(mind.knowledge), OWN_PARTS)
    return join([part for index, left in parts for part in _own(replace(mind, index=index), left)])


def _own(mind: Mind, left: Sequence[Phrasing]) -> Iterator[Lessons]:
    index = mind.index
    lone = [Example(one.text, frozenset({index.targets[one.owner]})) for one in left]
    unsaid = [Example(said, one.accepted, (min(one.accepted),)) for one in lone if (said := _unsaid(index, one))]
    topics = [target for one in lone for target in one.accepted if target in index.knowledge.entries]
    yield lessons(mind, lone, OWN_IMPORTANCE)
    yield lessons(mind, [*unsaid, *_moved(lone, topics, every=3)], OWN_TALK_IMPORTANCE)


def _unsaid(index: Index, example: Example) -> str | None:
    """The example with its topic's name replaced by "it"; ``None`` when it names nothing, or something else too."""
    reading = index.reader.read(example.text)
    if len(reading.names) != 1 or reading.names[0].entries != tuple(example.accepted):
        return None
    words, hit = reading.words.words, reading.names[0]
    return " ".join((*words[: hit.start], "it", *words[hit.end :]))


def topic_and_facet(knowledge: Knowledge) -> list[Example]:
    """The plainest questions there are: a wording of a facet about a named topic, or about the topic before.

    Each wording of the vocabulary is put with names taken in turn, and as a follow-up with "it" left in; wordings
    that speak of something with a page of its own (alcohol, pregnancy) are left out.
    """
    topics = [
        entry for entry in knowledge.entries.values() if entry.kind is Kind.DEFINITION and len(entry.facets) >= _RICH
    ]
    names = [(entry, name) for entry in topics for name in (entry.title, *entry.aliases)]
    wordings = [(facet, text) for facet, texts in knowledge.vocabulary.facets.items() for text in texts]
    found: list[Example] = []
    for place, (facet, wording) in enumerate(wordings):
        entry, name = next(
            (pair for step in range(40) if facet in (pair := names[(place * 37 + step * 11) % len(names)])[0].facets),
            names[0],
        )
        if facet not in entry.facets or facet is Facet.OVERVIEW or _OWN_PAGES.search(wording):
            continue
        accepted = frozenset({entry.id})
        found.append(Example(_with_name(wording, name), accepted))
        found.append(Example(wording, accepted, (entry.id,)))
    return found


def _with_name(wording: str, name: str) -> str:
    """``does it work`` with a name in place of "it", or with the name after it."""
    filled, count = _IT.subn(name.replace("\\", ""), wording, count=1)
    return filled if count else f"{wording} {name}"


def _report(held: Floats, trials: Lessons) -> str:
    inside: npt.NDArray[np.bool_] = ~trials.right[:, -1]
    top = held[:, :-1].argmax(axis=1)
    hit: npt.NDArray[np.bool_] = trials.right[np.arange(len(trials)), top]
    order = np.argsort(-held[:, :-1], axis=1)[:, :4]
    among = np.asarray(np.take_along_axis(trials.right[:, :-1], order, axis=1).any(axis=1))
    reached = np.asarray(trials.right[:, :-1].any(axis=1))
    return (
        f"by 5-fold cross-validation on {int(inside.sum())} questions in scope: first {hit[inside].mean():.3f}, "
        f"among the first four {among[inside].mean():.3f}, among all candidates {reached[inside].mean():.3f}"
    )


def twins(rows: Sequence[QuestionRow]) -> dict[str, dict[str, float]]:
    """How often a question that one page answers is also answered by another, by what labelled rows accept.

    Both ways alike: the larger of the two shares; shares of less than :data:`_LEAST_TWIN` are left out.
    """
    sets = [sorted(set(turn.expect)) for row in rows if row.style != COMPARE for turn in row.turns]
    single = Counter(entry for accepted in sets for entry in accepted)
    both = Counter(pair for accepted in sets for pair in combinations(accepted, 2))
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for (one, other), count in sorted(both.items()):
        share = round(count / (min(single[one], single[other]) + 1), 2)
        if share >= _LEAST_TWIN:
            table[one][other] = table[other][one] = share
    return dict(sorted(table.items()))


def calibrate(
    judged: Floats, labelled: Lessons, own: Lessons, index: Index, kin: Mapping[str, Mapping[str, float]]
) -> Floats:
    """Weights of the signs of confidence: a logistic regression of "the first candidate was right" (Platt 1999).

    ``judged`` are the probabilities of the ``labelled`` rows, then of the ``own`` asks. An ask belongs to one page
    even where others would do, so that asks are more often "wrong": they have a constant of their own, which is
    forgotten, and teach only what the other signs are worth.
    """
    seen = join([labelled, own])
    rows = np.arange(len(seen))
    order = np.argsort(-judged[:, :-1], axis=1, kind="stable")
    top = order[:, 0]
    twinned = [_twinned(index, kin, seen.candidates[row], judged[row], order[row]) for row in rows]
    of_first = seen.figures[rows, top]
    seen_signs = map(signs_of, judged.tolist(), of_first.tolist(), seen.nothing.tolist(), twinned)
    signs = np.asarray(list(seen_signs), dtype=np.float64)
    is_own = rows >= len(labelled)
    signs = np.column_stack((signs, is_own))
    counts = np.where(is_own, seen.importance / OWN_IMPORTANCE * OWN_SIGN_IMPORTANCE, 1.0)
    right = seen.right[rows, top].astype(np.float64)
    theta = logistic(signs, right, counts)[:-1]
    told = slice(len(labelled))
    return _settled(theta, signs[told, :-1], right[told], labelled.nothing[:, _CONTEXT] > 0).astype(np.float32)


def _settled(theta: Doubles, signs: Doubles, right: Doubles, in_talk: npt.NDArray[np.bool_]) -> Doubles:
    """``theta`` scaled and moved so that it means what it says, for lone questions and for those in talk by themselves.

    What all rows together teach of the signs leaves lone questions less sure, and later ones surer, than they are.
    """
    alone, talking = theta[:_HALF], theta[:_HALF] + theta[_HALF:]
    found = []
    for weights, rows in ((alone, ~in_talk), (talking, in_talk)):
        score = signs[rows][:, :_HALF] @ weights
        scale, offset = logistic(np.column_stack((score, np.ones(len(score)))), right[rows], np.ones(len(score)))
        found.append(scale * weights + offset * (np.arange(_HALF) == 0))
    return np.concatenate((found[0], found[1] - found[0]))


def _twinned(
    index: Index, kin: Mapping[str, Mapping[str, float]], candidates: Ints, judged: Floats, order: npt.NDArray[np.int64]
) -> float:
    return twinned_with(kin, [index.targets[candidates[place]] for place in order], judged[order].tolist())


def _a_line_each(data: Mapping[str, Any], name: str) -> str:
    """``data`` as JSON with one line for each row of the table ``name``, which comes last."""
    head = {key: value for key, value in data.items() if key != name}
    lines = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(row, separators=(',', ':'))}" for key, row in data[name].items()
    )
    return json.dumps(head, indent=1)[:-2] + f',\n "{name}": {{\n{lines}\n }}\n}}\n'


def learn_facets(mind: Mind, turns: Sequence[Turn]) -> tuple[FacetWeights, float]:
    """Facet weights from labelled turns, and the share right by cross-validation."""
    wordings = [wording_of(mind.facets, mind.index.reader.read(turn.text)) for turn in turns]
    figures = np.stack(
        [
            facet_figures(mind.facets, wording, _first_entry(mind, turn)).T
            for wording, turn in zip(wordings, turns, strict=True)
        ]
    )
    wanted = np.asarray([FACETS.index(turn.facet) for turn in turns if turn.facet])
    assigned = folds(len(turns), 5)
    hits = 0
    for part in range(5):
        weights = _fit_facets(figures[assigned != part], wanted[assigned != part])
        guesses = (figures[assigned == part] @ weights.signals + weights.bias).argmax(axis=1)
        hits += int((guesses == wanted[assigned == part]).sum())
    return _fit_facets(figures, wanted), hits / len(turns)


def _first_entry(mind: Mind, turn: Turn) -> Any:
    return next((mind.knowledge.entries[entry] for entry in turn.expect if entry in mind.knowledge.entries), None)


def _fit_facets(figures: Floats, wanted: npt.NDArray[np.int64], steps: int = 600) -> FacetWeights:
    """Softmax regression by Adam, with a little shrinkage."""
    size, facets = len(FACET_SIGNALS), len(FACETS)
    theta = np.zeros(size + facets)
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    truth = np.eye(facets)[wanted]
    for step in range(1, steps + 1):
        utilities = figures @ theta[:size] + theta[size:]
        model = np.exp(utilities - utilities.max(axis=1, keepdims=True))
        pull = (model / model.sum(axis=1, keepdims=True) - truth) / len(truth)
        slope = np.concatenate((np.einsum("nf,nfs->s", pull, figures), pull.sum(axis=0))) + 1e-3 * theta
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        theta -= 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
    return FacetWeights(theta[:size].astype(np.float32), theta[size:].astype(np.float32))
