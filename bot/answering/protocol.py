"""The batch protocol: one JSON object in, one out, in order (DESIGN.md, "What comes back")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

from bot.answering.model import (
    Answer,
    Choices,
    Citation,
    Comparison,
    Mode,
    NoticeText,
    Pairing,
    Question,
    Reason,
    RedirectReply,
    Reply,
    Silence,
    SmallTalkReply,
    Support,
    Unknown,
)
from bot.answering.plain import plain
from bot.errors import UsageError
from bot.knowledge.model import Facet


def question_from(data: object, now: datetime) -> tuple[Question, str | None]:
    """A question and its conversation's name from one decoded line. Raises :class:`UsageError` in one sentence."""
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        raise UsageError('a row is an object with a "text" that is a string')
    mode = data.get("mode", Mode.ADDRESSED.value)
    if mode not in list(Mode):
        raise UsageError('"mode" is "addressed" or "overheard"')
    country, name = data.get("country"), data.get("conversation")
    if country is not None and not (
        isinstance(country, str) and len(country) == 2 and country.isascii() and country.isalpha()
    ):
        raise UsageError('"country" is a two-letter code such as "GB"')
    if name is not None and not isinstance(name, str):
        raise UsageError('"conversation" is a string')
    return Question(data["text"], _at(data.get("at"), now), Mode(mode), country.upper() if country else None), name


def _at(value: object, now: datetime) -> datetime:
    if value is None:
        return now
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise UsageError('"at" is a time such as "2026-11-23T10:00:00Z"') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def kind_of(reply: Reply) -> str:
    """The protocol's word for a reply."""
    match reply:
        case Answer() | Pairing():
            return "answer"
        case Comparison():
            return "comparison"
        case Choices():
            return "choices"
        case RedirectReply():
            return "redirect"
        case Unknown():
            return "unknown"
        case Support():
            return "support"
        case SmallTalkReply():
            return "small-talk"
        case Silence():
            return "silence"
        case _:
            assert_never(reply)


def to_row(reply: Reply, revision: str) -> dict[str, Any]:
    """The reply as a row of the batch protocol."""
    spoken = reply.answer if isinstance(reply, Support) else reply
    entries, facet, also = _about(spoken) if spoken else ([], None, [])
    return {
        "kind": kind_of(reply),
        "entries": entries,
        "facet": facet,
        "confidence": round(reply.confidence, 4),
        "choices": [link.entry for link in reply.options] if isinstance(reply, Choices) else [],
        "also": also,
        "level": reply.screening.level.value,
        "category": reply.screening.category.value if reply.screening.category else None,
        "lines": [line.service for line in reply.lines] if isinstance(reply, Support) else [],
        "text": plain(reply),
        "sources": [_source(source) for source in _sources(spoken)],
        "notices": [notice.id for notice in _notices(spoken)],
        "why": [reason_row(reason) for reason in reply.why],
        "revision": revision,
    }


def _about(reply: Reply) -> tuple[list[str], str | None, list[dict[str, str | None]]]:
    """Entries, facet and the second question of a reply."""
    match reply:
        case Answer(passages=passages):
            first, rest = passages[0], passages[1:]
            also: list[dict[str, str | None]] = [
                {"entry": part.entry, "facet": (part.asked or part.facet).value} for part in rest
            ]
            return [first.entry], (first.asked or first.facet).value, also
        case Pairing(entries=entries):
            return list(entries), Facet.INTERACTIONS.value, []
        case Comparison(entries=links, rows=rows):
            facets = {row.facet for row in rows} - {Facet.OVERVIEW}
            return [link.entry for link in links], next(iter(facets)).value if len(facets) == 1 else None, []
        case _:
            return [], None, []


def _sources(reply: Reply | None) -> tuple[Citation, ...]:
    return reply.sources if isinstance(reply, Answer | Pairing | Comparison) else ()


def _notices(reply: Reply | None) -> tuple[NoticeText, ...]:
    return reply.notices if isinstance(reply, Answer | Pairing | Comparison) else ()


def _source(source: Citation) -> dict[str, Any]:
    return {"id": source.id, "title": source.title, "url": source.url, "year": source.year}


def reason_row(reason: Reason) -> dict[str, Any]:
    """A reason as ids and figures."""
    return {"stage": reason.stage, "rule": reason.rule, "ids": list(reason.ids), "figures": dict(reason.figures)}
