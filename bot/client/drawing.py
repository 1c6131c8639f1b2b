"""From a reply to a drawing: texts in reading order and controls below, still without Discord's objects.

What a reader must not miss (a gentle line, notices, who reviewed it) is pinned to the first page; the rest flows
on to further pages between sentences, never inside one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, assert_never

from bot.answering.model import (
    Answer,
    Choices,
    Citation,
    Comparison,
    Link,
    NoticeText,
    Pairing,
    Passage,
    RedirectReply,
    Reply,
    Silence,
    SmallTalkReply,
    Support,
    SupportButton,
    Unknown,
)
from bot.client.ids import button_id, code, packed
from bot.client.interface import shortened
from bot.client.low_energy import short
from bot.client.shapes import Block, Control, Drawing, Look, Style
from bot.client.wording import heading, short_names, source_line, spoken
from bot.knowledge.model import Facet

LABEL: Final = 80
LONGEST_PINNED: Final = 500
"""Characters of a notice that is kept on the first page whatever follows; a longer one flows on like the rest."""
FACET_ROWS: Final = 2
ROW: Final = 5


def draw(reply: Reply, look: Look) -> Drawing:
    """The drawing of a reply. :class:`Silence` has no blocks."""
    match reply:
        case Answer() | Pairing() | Comparison() if look.low_energy:
            return _with_ends(short(reply, look), reply, look)
        case Answer():
            drawing = _answer(reply, look)
        case Pairing():
            drawing = _pairing(reply, look)
        case Comparison():
            drawing = _comparison(reply, look)
        case Choices():
            drawing = _choices(reply, look)
        case RedirectReply():
            drawing = _redirect(reply, look)
        case Unknown():
            drawing = _unknown(reply, look)
        case Support():
            return _support(reply, look)
        case SmallTalkReply():
            drawing = Drawing((_lines(reply.text),), kind="small-talk", as_content=True)
        case Silence():
            return Drawing((), kind="silence")
        case _:
            assert_never(reply)
    listed = {source.number: source_line(source) for source in getattr(reply, "sources", ())}
    heading = look.interface.say("sources-heading")
    return _with_ends(replace(drawing, sources=listed, sources_heading=heading), reply, look)


def _with_ends(drawing: Drawing, reply: Reply, look: Look) -> Drawing:
    """With a gentle line above the sources and, below everything, what was left out, who shared it, what the bot is."""
    shared = look.interface.say("shared-by", name=look.shared_by) if look.shared_by else None
    gentle = getattr(reply, "gentle", None)
    above = [Block((gentle,), pinned=True)] if gentle else []
    texts = [text for text in (getattr(reply, "left_out", None), shared, look.intro) if text]
    below = [Block((text,), pinned=True, last=True, apart=at == 0) for at, text in enumerate(texts)]
    return replace(drawing, blocks=(*drawing.blocks, *above, *below))


def _line(text: str, *, pinned: bool = False, apart: bool = False) -> Block:
    return Block((text,), pinned=pinned, apart=apart)


def _lines(text: str, *, pinned: bool = False) -> Block:
    return Block(tuple(text.split("\n")), "\n", pinned)


# --- answers -------------------------------------------------------------------------------------------------


def _answer(reply: Answer, look: Look) -> Drawing:
    first = reply.passages[0]
    blocks = [Block((reply.lead,), opening=True)] if reply.lead else []
    for number, part in enumerate(reply.passages):
        blocks += _passage(part, look, apart=number > 0)
    blocks += _ends(reply.notices, tuple(dict.fromkeys(p.review for p in reply.passages)), look)
    return Drawing(
        tuple(blocks),
        _answer_rows(reply, look),
        "answer",
        tuple(part.entry for part in reply.passages),
        onward=button_id("p", first.entry, first.facet) if len(reply.passages) == 1 else None,
        heading=heading(first),
    )


def parts_of(reply: Answer) -> tuple[Answer, ...]:
    """An answer to two questions as two answers, each with its own sources; for when both do not fit."""
    return tuple(replace(reply, passages=(part,), sources=_cited(part, reply.sources)) for part in reply.passages)


def _cited(part: Passage, sources: tuple[Citation, ...]) -> tuple[Citation, ...]:
    numbers = {number for sentence in (*part.sentences, *part.region) for number in sentence.cites}
    return tuple(source for source in sources if source.number in numbers)


def _passage(part: Passage, look: Look, *, apart: bool) -> Iterator[Block]:
    yield Block((heading(part),), apart=apart)
    if part.missing:
        yield _line(part.missing)
    yield Block(spoken(part.sentences))
    if part.region:
        yield Block((look.interface.say("region-heading"), *spoken(part.region)))
    if part.certainty:
        yield _line(part.certainty)


def _ends(notices: Sequence[NoticeText], reviews: Sequence[str], look: Look) -> Iterator[Block]:
    for notice in notices:
        if notice.text:
            text = f"> **{notice.title}.** {' '.join(notice.text.split())}"
            yield Block((text,), pinned=len(text) <= LONGEST_PINNED)
    if shown := [notice.title for notice in notices if not notice.text]:
        yield _line("-# " + look.interface.say("notices-shown", titles=", ".join(shown)), pinned=True)
    for review in reviews:
        if review:
            yield _line(f"-# {review}", pinned=True)


def _answer_rows(reply: Answer, look: Look) -> tuple[tuple[Control, ...], ...]:
    first, say = reply.passages[0], look.interface.label
    facets = [_facet_control(link, look) for link in first.facets if link.facet is not None]
    rows = [tuple(facets[at : at + ROW]) for at in range(0, min(len(facets), ROW * FACET_ROWS), ROW)]
    below = []
    if first.related:
        below.append(Control(say("related-button"), button_id("rel", first.entry)))
    if first.terms:
        below.append(Control(say("terms-button"), button_id("terms", first.entry, first.facet)))
    below.append(Control(say("helpful-button"), button_id("up", first.entry, first.facet)))
    below.append(Control(say("not-helpful-button"), button_id("down", first.entry, first.facet)))
    below += _last(look, _share_id(reply.passages))
    return (*rows, tuple(below))


def _share_id(passages: Sequence[Passage]) -> str:
    if len(passages) == 1:
        return button_id("share", passages[0].entry, passages[0].facet)
    return button_id("sharet", *(part for one in passages for part in (code(one.entry), one.facet)))


def _facet_control(link: Link, look: Look) -> Control:
    label = shortened(look.interface.say("facet-button", facet=link.title), LABEL)
    return Control(label, button_id("f", link.entry, link.facet))


def _last(look: Look, share: str | None) -> list[Control]:
    """Remove, for what stays; share, for what only the asker sees."""
    if look.public or look.removable:
        return [Control(look.interface.label("remove-button"), button_id("rm", packed(look.asker)))]
    return [Control(look.interface.label("share-button"), share)] if share and look.shareable else []


# --- other replies -------------------------------------------------------------------------------------------


def _pairing(reply: Pairing, look: Look) -> Drawing:
    blocks = [Block((f"### {reply.title}", f"**{reply.severity_label}**"), "\n"), Block(spoken(reply.sentences))]
    blocks += _ends(reply.notices, (reply.review,), look)
    members = tuple(map(code, reply.members))
    return Drawing(
        tuple(blocks),
        (_link_controls(reply.links), tuple(_last(look, button_id("sharep", *members)))),
        "answer",
        reply.entries,
        onward=button_id("pp", *members),
        heading=f"### {reply.title}",
    )


def _comparison(reply: Comparison, look: Look) -> Drawing:
    names = short_names([link.title for link in reply.entries])
    opens = [
        _open(link, look.interface.label("open-page-button", title=name))
        for link, name in zip(reply.entries, names, strict=True)
    ]
    blocks = [Block((reply.lead,), opening=True)] if reply.lead else []
    blocks += [
        Block((f"### {link.title}",), accessory=control) for link, control in zip(reply.entries, opens, strict=True)
    ]
    for row in reply.rows:
        cells = [f"- **{name}:** {' '.join(spoken(cell)) or '–'}" for name, cell in zip(names, row.cells, strict=True)]
        blocks.append(Block((f"**{row.facet_label}**", *cells), "\n", apart=True))
    blocks += _ends(reply.notices, (reply.review,), look)
    codes = ".".join(code(link.entry) for link in reply.entries)
    return Drawing(
        tuple(blocks),
        (tuple(_last(look, button_id("sharec", codes))),),
        "comparison",
        tuple(link.entry for link in reply.entries),
        onward=button_id("cp", codes),
        heading="### " + " / ".join(names),
        links=tuple(opens),
    )


def _open(link: Link, label: str) -> Control:
    return Control(label, button_id("f", link.entry, link.facet or Facet.OVERVIEW))


def _link_controls(links: Sequence[Link]) -> tuple[Control, ...]:
    return tuple(_open(link, shortened(link.title, LABEL)) for link in links[:ROW])


def link_rows(links: Sequence[Link], most: int = 10) -> tuple[tuple[Control, ...], ...]:
    """Buttons that open entries, in rows of five."""
    return tuple(_link_controls(links[at : at + ROW]) for at in range(0, min(len(links), most), ROW))


def _choices(reply: Choices, look: Look) -> Drawing:
    asker = packed(look.asker)
    picks = [
        Control(shortened(link.title, LABEL), button_id("dym", asker, link.entry, link.facet or ""))
        for link in reply.options[:4]
    ]
    none = Control(shortened(reply.none_label, LABEL), button_id("none", asker))
    return Drawing((_line(reply.lead),), ((*picks, none), tuple(_last(look, None))), "choices")


def _redirect(reply: RedirectReply, look: Look) -> Drawing:
    blocks = (Block((f"### {reply.title}",)), _lines(reply.text))
    return Drawing(blocks, (_link_controls(reply.related), tuple(_last(look, None))), "redirect")


def _unknown(reply: Unknown, look: Look) -> Drawing:
    nearest = [link.entry for link in reply.nearest[:1]]
    send = (
        (Control(look.interface.label("send-question-button"), button_id("send", *nearest)),) if reply.can_send else ()
    )
    rows = (_link_controls(reply.nearest), (*send, *_last(look, None)))
    return Drawing((_lines(reply.text),), rows, "unknown")


# --- support: plain content, whole, nothing behind a tap but privacy -------------------------------------------------


def _support(reply: Support, look: Look) -> Drawing:
    told = int(look.told)
    heard = reply.screening
    about = button_id("sup", heard.level, heard.category or "suicide", int(heard.minor), told, packed(look.asker))
    labels = look.safety.replies.buttons
    if look.public:
        show = Control(labels.get("show-support") or look.interface.say("show-support-button"), about, Style.MAIN)
        remove = Control(look.interface.label("remove-button"), button_id("rm", packed(look.asker)))
        return Drawing((_line(reply.public),), ((show, remove),), "support", as_content=True)
    pressed = tuple(Control(_support_label(one, reply, look), button_id("sb", one, told)) for one in reply.buttons)
    answered = tuple(
        _open(Link(part.entry, part.title, part.facet), shortened(part.title, LABEL))
        for part in (reply.answer.passages if reply.answer else ())
    )
    rows = (pressed[:ROW], answered[:ROW], tuple(_last(look, None)))
    return Drawing((_lines(_told(reply.text, look)),), rows, "support", as_content=True)


def _support_label(button: SupportButton, reply: Support, look: Look) -> str:
    """What a button is called; without a country there is no "other" one yet."""
    labels, name = look.safety.replies.buttons, button.value
    if button is SupportButton.OTHER_COUNTRY and reply.country is None and "choose-country" in labels:
        name = "choose-country"
    return shortened(labels.get(name, name), LABEL)


def _told(text: str, look: Look) -> str:
    """When moderators were told, the panel says that instead of "I have told nobody"."""
    phrases = look.safety.replies.phrases
    silent, told = phrases.get("bot", ""), phrases.get("bot-told", "")
    if not look.told or not told:
        return text
    return text.replace(silent, told) if silent and silent in text else f"{text}\n{told}"


__all__ = ["Block", "Control", "Drawing", "Look", "Style", "draw", "heading", "link_rows", "parts_of", "short_names"]
