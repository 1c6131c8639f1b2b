"""Any reply as plain text: for screen readers, for embeds switched off, for the terminal when piped, for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.answering.model import (
    Answer,
    Choices,
    Citation,
    Comparison,
    NoticeText,
    Pairing,
    Passage,
    RedirectReply,
    Reply,
    Sentence,
    Silence,
    SmallTalkReply,
    Support,
    Unknown,
)


def plain(reply: Reply) -> str:
    """The whole reply as text, paragraphs apart by an empty line."""
    parts = [part for part in _parts(reply) if part]
    if reply.gentle:
        parts.append(reply.gentle)
    return "\n\n".join(parts)


def _parts(reply: Reply) -> Iterator[str]:
    match reply:
        case Answer():
            yield from _answer(reply)
        case Pairing():
            yield f"{reply.title}\n{reply.severity_label}"
            yield spoken(reply.sentences)
            yield from _ends(reply.notices, reply.sources)
            yield reply.review
        case Comparison():
            yield from _comparison(reply)
        case Choices():
            yield reply.lead
            yield "\n".join(
                [
                    *(f"{number}. {option.title}" for number, option in enumerate(reply.options, 1)),
                    f"{len(reply.options) + 1}. {reply.none_label}",
                ]
            )
        case RedirectReply():
            yield reply.title
            yield reply.text
            yield "\n".join(f"- {link.title}" for link in reply.related)
        case Unknown():
            yield reply.text
            yield "\n".join(f"- {link.title}" for link in reply.nearest)
        case Support():
            yield reply.text
            if reply.answer:
                yield from _answer(reply.answer)
        case SmallTalkReply():
            yield reply.text
        case Silence():
            yield ""
        case _:
            assert_never(reply)


def spoken(sentences: Sequence[Sentence]) -> str:
    """Sentences with their numbers in brackets before the stop."""
    return " ".join(_sentence(sentence) for sentence in sentences)


def _sentence(sentence: Sentence) -> str:
    if not sentence.cites:
        return sentence.text
    numbers = "".join(f"[{number}]" for number in sentence.cites)
    body, stop = (sentence.text[:-1], sentence.text[-1]) if sentence.text[-1:] in ".?!" else (sentence.text, "")
    return f"{body} {numbers}{stop}"


def _answer(reply: Answer) -> Iterator[str]:
    yield reply.lead or ""
    for part in reply.passages:
        yield from _passage(part)
    yield reply.left_out or ""
    yield from _ends(reply.notices, reply.sources)
    yield "\n".join(dict.fromkeys(part.review for part in reply.passages))


def _passage(part: Passage) -> Iterator[str]:
    yield f"{part.title}: {part.facet_label}"
    yield part.missing or ""
    yield spoken(part.sentences)
    yield spoken(part.region)
    yield part.certainty or ""


def _comparison(reply: Comparison) -> Iterator[str]:
    yield " / ".join(link.title for link in reply.entries)
    yield reply.lead
    for row in reply.rows:
        lines = [
            f"- {link.title}: {spoken(cell) if cell else '–'}"
            for link, cell in zip(reply.entries, row.cells, strict=True)
        ]
        yield "\n".join([row.facet_label, *lines])
    yield from _ends(reply.notices, reply.sources)
    yield reply.review


def _ends(notices: Sequence[NoticeText], sources: Sequence[Citation]) -> Iterator[str]:
    yield "\n".join(f"{notice.title}: {notice.text}" if notice.text else notice.title for notice in notices)
    yield "\n".join(map(source_line, sources))


def source_line(source: Citation) -> str:
    """``[1] Title (publisher, 2022) https://…``."""
    return f"[{source.number}] {source.title} ({source.publisher}, {source.year})" + (
        f" {source.url}" if source.url else ""
    )
