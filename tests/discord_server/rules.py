"""What Discord refuses and its OpenAPI file does not say (sentences name the documentation's rule).

Each rule takes a request body and gives complaints. Message rules hold for new messages, edits, interaction
responses and follow-ups; command rules for the bulk overwrite of commands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from tests.discord_server.world import COMPONENTS_V2, Json, walk

CONTENT_LIMIT: Final = 2000
V2_TEXT_LIMIT: Final = 4000
V2_BYTE_LIMIT: Final = 9_500
"""Texts of more than about 10,158 bytes fail with 500 on Discord; the bot stays well below."""
COMPONENT_LIMIT: Final = 40
BUTTON, TEXT, CONTAINER, ROW, SECTION = 2, 10, 17, 1, 9
SELECTS: Final = {3, 5, 6, 7, 8}
MODAL_CONTROLS: Final = SELECTS | {4, 19, 21, 22, 23}


def message_complaints(body: Json, *, edit: bool = False, flags: int = 0) -> list[str]:
    """What is wrong with a message body; ``flags`` are those of the message that an edit changes."""
    return list(_message(body, edit=edit, flags=flags | int(body.get("flags") or 0)))


def _message(body: Json, *, edit: bool, flags: int) -> Iterator[str]:
    content, embeds = body.get("content") or "", body.get("embeds") or []
    components = body.get("components") or []
    layout = bool(flags & COMPONENTS_V2)
    if len(content) > CONTENT_LIMIT:
        yield f"content has {len(content)} characters, at most {CONTENT_LIMIT}"
    if not edit and not (content or embeds or components or body.get("attachments") or body.get("poll")):
        yield "the message is empty"
    if layout and (content or embeds or body.get("poll")):
        yield "a Components V2 message may not carry content, embeds or a poll"
    if not layout and any(item.get("type") in {9, 10, 11, 12, 13, 14, 17} for item in components):
        yield "layout components need the Components V2 flag"
    if sum(_embed_size(embed) for embed in embeds) > 6000:
        yield "embeds have more than 6000 characters in total"
    yield from component_complaints(components)


def _embed_size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description"), embed.get("footer", {}).get("text")]
    texts += [part for item in embed.get("fields", []) for part in (item.get("name"), item.get("value"))]
    return sum(len(text or "") for text in texts)


def component_complaints(components: list[Json]) -> list[str]:
    """What is wrong with a message's components."""
    return [*_totals(components), *_duplicates(components), *(c for item in walk(components) for c in _component(item))]


def _totals(components: list[Json]) -> Iterator[str]:
    items = list(walk(components))
    texts = [item.get("content", "") for item in items if item.get("type") == TEXT]
    if len(items) > COMPONENT_LIMIT:
        yield f"{len(items)} components, at most {COMPONENT_LIMIT}"
    if sum(map(len, texts)) > V2_TEXT_LIMIT:
        yield f"texts have {sum(map(len, texts))} characters in total, at most {V2_TEXT_LIMIT}"
    if sum(len(text.encode()) + 12 for text in texts) > V2_BYTE_LIMIT:
        yield f"texts have more than {V2_BYTE_LIMIT} bytes in total"


def _duplicates(components: list[Json]) -> Iterator[str]:
    ids = [item["custom_id"] for item in walk(components) if "custom_id" in item]
    for custom_id, count in Counter(ids).items():
        if count > 1:
            yield f"custom_id {custom_id!r} is used {count} times"


def _component(item: Json) -> Iterator[str]:
    kind, inner = item.get("type"), item.get("components", [])
    if kind == TEXT and not item.get("content", "").strip():
        yield "a text display is empty"
    if kind == CONTAINER and any(child.get("type") in {CONTAINER, BUTTON} for child in inner):
        yield "a container may not hold a container or a bare button"
    if kind == CONTAINER and not inner:
        yield "a container is empty"
    if kind == ROW:
        kinds = {child.get("type") for child in inner}
        if BUTTON in kinds and kinds & SELECTS:
            yield "an action row may not mix buttons and a menu"
        if kinds & SELECTS and len(inner) > 1:
            yield "an action row may hold one menu"
        if not inner or len(inner) > 5:
            yield "an action row holds one to five buttons"
    if kind == BUTTON:
        yield from _button(item)
    if kind in SELECTS:
        yield from _select(item)


def _button(item: Json) -> Iterator[str]:
    if not item.get("label") and not item.get("emoji") and item.get("style") != 6:
        yield "a button has neither label nor emoji"
    if len(item.get("label") or "") > 80:
        yield "a button's label has more than 80 characters"
    if item.get("style") == 5 and not re.match(r"^(https?|discord)://", item.get("url", "")):
        yield "a link button needs an http(s) or discord address"


def _select(item: Json) -> Iterator[str]:
    options = item.get("options", [])
    values = Counter(option.get("value") for option in options)
    yield from (f"option value {value!r} is used {n} times" for value, n in values.items() if n > 1)
    lowest, highest = item.get("min_values", 1), item.get("max_values", 1)
    if lowest is not None and highest is not None and lowest > highest:
        yield "min_values is larger than max_values"
    if item["type"] == 3 and highest is not None and highest > len(options):
        yield "max_values is larger than the number of options"


def modal_complaints(data: Json) -> list[str]:
    """What is wrong with a modal."""
    return list(_modal(data))


def _modal(data: Json) -> Iterator[str]:
    if not 1 <= len(data.get("title", "")) <= 45:
        yield "a modal's title has 1 to 45 characters"
    if not 1 <= len(data.get("components", [])) <= 5:
        yield "a modal has one to five components"
    yield from _duplicates(data.get("components", []))
    for item in walk(data.get("components", [])):
        if item.get("type") == 4:
            lowest, highest = item.get("min_length") or 0, item.get("max_length") or 4000
            if lowest > highest or len(item.get("value") or "") > highest:
                yield f"text input {item.get('custom_id')!r}: lengths contradict each other"
        if item.get("type") in SELECTS and item.get("disabled"):
            yield "a menu in a modal may not be disabled"
        if item.get("type") in MODAL_CONTROLS and item.get("required", True) and item.get("min_values") == 0:
            yield "min_values is 0 while the field is required"
        if item.get("type") in SELECTS:
            yield from _select(item)


def command_complaints(commands: list[Json]) -> list[str]:
    """What is wrong with the commands of a bulk overwrite."""
    found = [complaint for command in commands for complaint in _command(command)]
    kinds = Counter(command.get("type", 1) for command in commands)
    limits = {1: 100, 2: 15, 3: 15}
    return found + [f"{n} commands of type {kind}" for kind, n in kinds.items() if n > limits.get(kind, 1)]


def _command(command: Json) -> Iterator[str]:
    name = command.get("name", "")
    if command.get("type", 1) == 1:
        if not re.fullmatch(r"[-_'\w]{1,32}", name) or name != name.lower():
            yield f"command name {name!r} is not allowed"
        if not 1 <= len(command.get("description", "")) <= 100:
            yield f"/{name}: the description has 1 to 100 characters"
    elif not 1 <= len(name) <= 32:
        yield f"menu name {name!r} has 1 to 32 characters"
    if _command_size(command) > 8000:
        yield f"{name}: more than 8000 characters"
    if 2 in (command.get("contexts") or []) and 1 not in (command.get("integration_types") or []):
        yield f"{name}: private channels need the user install"
    for option in _options(command):
        yield from _option(name, option)


def _options(command: Json) -> Iterator[Json]:
    for option in command.get("options", []):
        yield option
        yield from _options(option)


def _option(name: str, option: Json) -> Iterator[str]:
    if option.get("choices") and option.get("autocomplete"):
        yield f"/{name} {option.get('name')}: choices and autocomplete together"
    for choice in option.get("choices") or []:
        if len(str(choice.get("value", ""))) > 100:
            yield f"/{name} {option.get('name')}: a choice's value has more than 100 characters"
    if not 1 <= len(option.get("description", "")) <= 100 or option.get("description", "").endswith("…"):
        yield f"/{name} {option.get('name')}: the description has 1 to 100 characters and is not cut"


def _command_size(command: Json) -> int:
    own = len(command.get("name", "")) + len(command.get("description", ""))
    own += sum(len(str(c.get("name", ""))) + len(str(c.get("value", ""))) for c in command.get("choices") or [])
    return own + sum(_command_size(option) for option in command.get("options", []))


def autocomplete_complaints(choices: list[Any]) -> list[str]:
    """What is wrong with autocomplete choices."""
    found = [] if len(choices) <= 25 else [f"{len(choices)} choices, at most 25"]
    lengths = [(len(choice.get("name", "")), len(str(choice.get("value", "")))) for choice in choices]
    bad = sum(not (1 <= name <= 100 and 1 <= value <= 100) for name, value in lengths)
    return [*found, f"{bad} choices whose name or value has not 1 to 100 characters"] if bad else found
