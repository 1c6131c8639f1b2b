"""Support: what a person in danger is told, and where to turn.

Pure functions from a screening, what was shown before, the time and the country to a
:class:`~bot.answering.model.Support`. Every sentence comes from ``knowledge/safety/replies.yaml``, every number from
``lines.yaml``. Wordings take turns and get shorter; a rise in danger always shows the full panel again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.answering.model import Category, HelpLine, Level, Reason, Screening, Support, SupportButton, SupportMemory
from bot.knowledge.safety import STALE_AFTER
from bot.knowledge.safety_model import Barrier, CountryLines, CrisisLine, Safety, Wordings

FULL_AGAIN: Final = timedelta(minutes=30)
"""How long a full panel holds before it is shown again at the same level (Discord safety notes, section 3)."""

_ROUTES: Final = 2
_MEDICAL: Final = frozenset((Category.OVERDOSE, Category.MEDICAL))
_TALK: Final = ("suicide-crisis", "emotional-support")
_KINDS: Final = {
    Category.ABUSE: ("abuse", *_TALK),
    Category.OVERDOSE: ("poison", *_TALK),
    Category.MEDICAL: ("poison", "health-advice", *_TALK),
    Category.MANIA_PSYCHOSIS: (*_TALK, "health-advice"),
}
_BUTTONS: Final = {
    Level.CONCERN_FOR_OTHER: (SupportButton.NOT_SAFE_NOW, SupportButton.NOT_WHAT_I_MEANT, SupportButton.OTHER_COUNTRY),
    Level.CRISIS: (
        SupportButton.NOT_SAFE_NOW,
        SupportButton.WORRIED_ABOUT_SOMEONE,
        SupportButton.NOT_WHAT_I_MEANT,
        SupportButton.OTHER_COUNTRY,
    ),
    Level.EMERGENCY: (SupportButton.WORRIED_ABOUT_SOMEONE, SupportButton.NOT_WHAT_I_MEANT, SupportButton.OTHER_COUNTRY),
}


def compose_support(
    screening: Screening,
    memory: SupportMemory,
    now: datetime,
    country: str | None,
    safety: Safety,
    why: tuple[Reason, ...] = (),
) -> tuple[Support, SupportMemory]:
    """The support for an alarm, and what to remember of it. ``now`` is aware; levels below alarm count as a crisis."""
    level = screening.level if screening.level.is_alarm else Level.CRISIS
    category = screening.category or Category.UNCLEAR
    full = _is_full(level, category, memory, now)
    land = safety.lines.of(country)
    lines = lines_for(country, category, screening.minor, safety)
    emergency = emergency_number(land, category, safety)
    wordings = _wordings(level, category, safety)
    texts = wordings.full if full else wordings.short
    turn = memory.turns % len(texts)
    text = _panel(texts[turn], screening, level, category, lines, emergency, land, full, safety)
    publics = safety.replies.public[level.value]
    support = Support(
        screening=screening,
        text=text,
        public=publics[memory.turns % len(publics)].replace("{number}", emergency),
        lines=lines,
        emergency=emergency,
        country=land.iso if land else None,
        full=full,
        wording=f"{level}/{category}/{'full' if full else 'short'}/{turn}",
        buttons=_BUTTONS[level],
        confidence=1.0,
        why=(*why, Reason("support", "full" if full else "short", screening.rules, {"turn": float(memory.turns)})),
    )
    return support, _remember(level, category, memory, now, full)


def compose_barrier(
    barrier: Barrier, screening: Screening, memory: SupportMemory, country: str | None, safety: Safety
) -> tuple[Support, SupportMemory]:
    """What can honestly be said about a worry that keeps somebody from the lines, with the lines again.

    It names nobody's trouble, so a channel may read it. Asked again at once, it is the shorter wording of the support
    that was shown: nothing is said twice in a row.
    """
    level, category = memory.level, memory.category or Category.UNCLEAR
    land, lines = safety.lines.of(country), lines_for(country, category, screening.minor, safety)
    emergency = emergency_number(land, category, safety)
    shorter = _wordings(level, category, safety).short
    again = barrier.id == memory.barrier
    text = shorter[memory.turns % len(shorter)] if again else barrier.reply
    publics = safety.replies.public[level.value]
    support = Support(
        screening=screening,
        text=_panel(text, screening, level, category, lines, emergency, land, False, safety),
        public=publics[memory.turns % len(publics)].replace("{number}", emergency) if again else text,
        lines=lines,
        emergency=emergency,
        country=land.iso if land else None,
        full=False,
        wording=f"barrier/{barrier.id}",
        buttons=_BUTTONS[level],
        confidence=1.0,
        why=(Reason("support", "barrier", (barrier.id,)),),
    )
    return support, replace(memory, turns=memory.turns + 1, barrier="" if again else barrier.id)


def _is_full(level: Level, category: Category, memory: SupportMemory, now: datetime) -> bool:
    if memory.shown_at is None or now - memory.shown_at >= FULL_AGAIN or not memory.level.is_alarm:
        return True
    return level.rank > memory.level.rank or (level is memory.level and category is not memory.category)


def _remember(level: Level, category: Category, memory: SupportMemory, now: datetime, full: bool) -> SupportMemory:
    after = replace(memory, turns=memory.turns + 1, barrier="")
    return replace(after, level=level, category=category, shown_at=now) if full else after


def _wordings(level: Level, category: Category, safety: Safety) -> Wordings:
    by_category = safety.replies.support[level.value]
    return by_category.get(category.value) or by_category["default"]


def _panel(
    text: str,
    screening: Screening,
    level: Level,
    category: Category,
    lines: tuple[HelpLine, ...],
    emergency: str,
    land: CountryLines | None,
    full: bool,
    safety: Safety,
) -> str:
    phrases = safety.replies.phrases
    parts = [_first_step(level, emergency, safety), text, _for_minors(screening, safety)]
    parts += [
        "\n".join(
            ["", phrases["lines-other" if level is Level.CONCERN_FOR_OTHER and "lines-other" in phrases else "lines"]]
        )
    ]
    parts += [f"• {line_text(line)}" for line in lines]
    if level is not Level.EMERGENCY:
        parts.append(_danger_line(level, category, emergency, safety))
    if full:
        seen = _day(land.emergency.seen if land else safety.lines.international[0].seen)
        parts += ["", phrases["listed"].replace("{seen}", seen), phrases["bot"], phrases["door"]]
        if land is None and "ask-country" in phrases:
            parts.append(phrases["ask-country"])
    return "\n".join(part for part in parts if part is not None).strip()


def _first_step(level: Level, emergency: str, safety: Safety) -> str | None:
    """In an emergency the number stands before anything else."""
    if level is not Level.EMERGENCY:
        return None
    return safety.replies.phrases.get("call-first", "Call {number} now.").replace("{number}", emergency)


def _danger_line(level: Level, category: Category, emergency: str, safety: Safety) -> str:
    phrases = safety.replies.phrases
    name = "emergency"
    if level is Level.CONCERN_FOR_OTHER:
        name = "emergency-other"
    elif category is Category.ABUSE:
        name = "emergency-abuse"
    return phrases.get(name, phrases["emergency"]).replace("{number}", emergency)


def _for_minors(screening: Screening, safety: Safety) -> str | None:
    return safety.replies.phrases.get("minor") if screening.minor else None


def emergency_number(land: CountryLines | None, category: Category | None, safety: Safety) -> str:
    """The number to call: the ambulance for medical emergencies where it has its own, else the general one."""
    if land is None:
        return safety.lines.fallback
    return (land.emergency.ambulance or land.emergency.number) if category in _MEDICAL else land.emergency.number


def lines_for(country: str | None, category: Category | None, minor: bool, safety: Safety) -> tuple[HelpLine, ...]:
    """At most two routes (three for a minor), best first, one of them by text or chat where there is any.

    Only lines confirmed by a public page; a country without any gets the international directories.
    """
    land = safety.lines.of(country)
    confirmed = [line for line in land.lines if line.verified == "search"] if land else []
    kinds = _KINDS.get(category or Category.SUICIDE, _TALK)
    chosen = [line for kind in kinds for line in confirmed if line.kind == kind]
    if minor:
        chosen = [line for line in confirmed if line.kind == "youth"] + chosen
    routes = [_help_line(line) for line in _varied(chosen, _ROUTES + minor)]
    if len(routes) < _ROUTES:
        first = safety.lines.international[: 2 if not routes else 1]
        routes += [HelpLine(service=one.service, kind="directory", url=one.url) for one in first]
    return tuple(routes)


def _varied(lines: list[CrisisLine], most: int) -> list[CrisisLine]:
    """The first lines, the last of them swapped for one with text or chat when none of the others has it."""
    chosen = lines[:most]
    if len(chosen) == most and not any(line.text or line.chat for line in chosen):
        written = next((line for line in lines[most:] if line.text or line.chat), None)
        if written is not None:
            chosen[-1] = written
    return chosen


def _help_line(line: CrisisLine) -> HelpLine:
    return HelpLine(line.service, line.kind, line.phone, line.text, line.chat, line.url, line.hours)


def line_text(line: HelpLine) -> str:
    """One line as plain text: the service, then each way to reach it, exactly as listed."""
    ways = [f"call {line.phone}" if line.phone else None, line.text, f"chat {line.chat}" if line.chat else None]
    reached = [way for way in ways if way]
    if not reached and line.url:
        reached = [line.url]
    hours = f" ({line.hours})" if line.hours else ""
    return f"{line.service}: {', '.join(reached)}{hours}"


def gentle_line(
    screening: Screening,
    memory: SupportMemory,
    now: datetime,  # noqa: ARG001 - part of the contract: the line does not depend on it today
    safety: Safety,
    country: str | None,
) -> tuple[str, SupportMemory]:
    """The quiet line that goes with an answer when someone is in distress, and what to remember."""
    gentle = safety.replies.gentle
    texts = gentle.get(screening.category.value if screening.category else "default") or gentle["default"]
    line = short_route(country, screening.minor, safety)
    text = texts[memory.turns % len(texts)].replace("{line}", line)
    level = memory.level if memory.level.is_alarm else screening.level
    return text, replace(memory, level=level, turns=memory.turns + 1)


def short_route(country: str | None, minor: bool, safety: Safety) -> str:
    """One route in a few words: ``Samaritans (116 123)``."""
    line = lines_for(country, Category.SUICIDE, minor, safety)[0]
    way = line.phone or line.text or line.url or ""
    return f"{line.service} ({way})"


def answer_button(
    button: SupportButton, memory: SupportMemory, now: datetime, country: str | None, safety: Safety
) -> tuple[Support | str | None, SupportMemory]:
    """What a press on a support button says: a panel, a quiet line, or ``None`` where the client asks for a country."""
    match button:
        case SupportButton.NOT_SAFE_NOW:
            heard = Screening(Level.EMERGENCY, Category.SUICIDE, ("button",), memory.minor)
            return compose_support(heard, memory, now, country, safety)
        case SupportButton.WORRIED_ABOUT_SOMEONE:
            heard = Screening(Level.CONCERN_FOR_OTHER, Category.OTHER_PERSON, ("button",), memory.minor)
            unseen = SupportMemory(turns=memory.turns, minor=memory.minor)
            return compose_support(heard, unseen, now, country, safety)
        case SupportButton.NOT_WHAT_I_MEANT:
            text = safety.replies.phrases.get("not-what-i-meant", "{line}")
            return text.replace("{line}", short_route(country, memory.minor, safety)), memory
        case SupportButton.OTHER_COUNTRY:
            return None, memory


def countries(safety: Safety) -> tuple[tuple[str, str], ...]:
    """The countries with lines: ISO code and name, by name."""
    return tuple(sorted(((land.iso, land.country) for land in safety.lines.countries), key=lambda pair: pair[1]))


def directory_text(country: str | None, safety: Safety, today: date) -> str:
    """All lines of a country (or the worldwide directories) for ``/help-lines``, with the day each listing was seen."""
    land = safety.lines.of(country)
    phrases = safety.replies.phrases
    if land is None:
        head = [
            phrases.get("directory-emergency", "In an emergency call {number}.").replace(
                "{number}", safety.lines.fallback
            )
        ]
        return "\n".join([*head, "", phrases.get("directory-unknown", "Worldwide:"), *_worldwide(safety)])
    confirmed = [line for line in land.lines if line.verified == "search"]
    parts = [
        land.country,
        _emergency_text(land, phrases.get("directory-emergency", "In an emergency call {number}.")),
        "",
    ]
    parts += [_listed(line, today, phrases.get("stale", "Not checked for more than 180 days.")) for line in confirmed]
    if not confirmed:
        parts.append(phrases.get("directory-none", "The directory below can help."))
    parts += ["", phrases.get("directory-more", "Worldwide:"), *_worldwide(safety)]
    if unconfirmed := [line.service for line in land.lines if line.verified == "knowledge"]:
        parts.append(phrases.get("directory-unconfirmed", "{services}").replace("{services}", "; ".join(unconfirmed)))
    oldest = min([land.emergency.seen, *(line.seen for line in confirmed)])
    parts += ["", phrases["listed"].replace("{seen}", _day(oldest))]
    return "\n".join(parts)


def _emergency_text(land: CountryLines, template: str) -> str:
    text = template.replace("{number}", land.emergency.number)
    if land.emergency.ambulance:
        text += f" Ambulance: {land.emergency.ambulance}."
    return f"{text} ({land.emergency.note})" if land.emergency.note else text


def _listed(line: CrisisLine, today: date, stale: str) -> str:
    checked = line.called or line.seen
    text = f"• {line_text(_help_line(line))}"
    if line.languages:
        text += f" [{line.languages}]"
    if line.note:
        text += f" ({line.note})"
    return f"{text}; seen {_day(line.seen)}" + (f". {stale}" if today - checked > STALE_AFTER else "")


def _worldwide(safety: Safety) -> list[str]:
    return [f"• {one.service}: {one.url} ({one.covers})" for one in safety.lines.international]


def _day(day: date) -> str:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{day.day} {months[day.month - 1]} {day.year}"
