"""Checks request bodies against Discord's published OpenAPI file (github.com/discord/discord-api-spec, MIT)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

ENVIRONMENT: Final = "NEXTSTEP_DISCORD_OPENAPI"
FILE: Final = "discord-openapi.json"
BESIDE_THE_REPOSITORY: Final = Path(__file__).resolve().parents[2].parent / "shared" / FILE
MULTIPART_ONLY: Final = {"files"}


def locate() -> Path | None:
    """Where the optional file lies: the environment's word first, then beside the repository; ``None`` without."""
    named = os.environ.get(ENVIRONMENT)
    path = Path(named) if named else BESIDE_THE_REPOSITORY
    return path if path.is_file() else None


@dataclass
class OpenApi:
    """The checker. Strict: a key that the schema does not know is an error.

    Three places are mended: discord.py sends ids as numbers in replies and ``tts: false`` with every edit,
    both of which Discord takes; and ``nsfw`` of a command is missing in the file.
    """

    path: Path
    _validators: dict[tuple[str, str], Any] = field(default_factory=dict)
    _kinds: dict[int, tuple[frozenset[object] | None, ...]] = field(default_factory=dict)

    @classmethod
    def found(cls) -> OpenApi | None:
        """The checker over the file of :func:`locate`, or ``None``. One for all: the file is long, and it learns."""
        path = locate()
        return _over(path) if path else None

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        schemas = document["components"]["schemas"]
        schemas["SnowflakeType"] = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
        schemas["ApplicationCommandUpdateRequest"]["properties"]["nsfw"] = {"type": ["boolean", "null"]}
        update = "IncomingWebhookUpdateRequestPartial"
        for edit in (update, "IncomingWebhookUpdateForInteractionCallbackRequestPartial", "MessageEditRequestPartial"):
            schemas[edit]["properties"]["tts"] = {"const": False}
        for schema in schemas.values():
            if schema.get("type") == "object" and "properties" in schema:
                schema.setdefault("additionalProperties", False)
        return document

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], str, dict[str, Any]]]:
        found = [
            (method.upper(), re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path, operation)
            for path, operations in self._document["paths"].items()
            for method, operation in operations.items()
            if method in {"get", "post", "put", "patch", "delete"}
        ]
        return sorted(found, key=lambda route: route[2].count("{"))

    def complaints(self, method: str, path: str, body: object) -> list[str]:
        """What the file has against a request: sentences with the place in the body; empty when fine.

        ``path`` begins after the version (``/channels/1/messages``); ``body`` is the parsed JSON or ``None``.
        """
        route = next((r for r in self._routes if r[0] == method and r[1].fullmatch(path)), None)
        if route is None:
            return [f"{method} {path}: no such route in the OpenAPI file"]
        validator = self._validator(route)
        if validator is None or body is None:
            return []
        return [f"{method} {route[2]}: {place(error)}" for error in map(deepest, validator.iter_errors(body))]

    def _validator(self, route: tuple[str, re.Pattern[str], str, dict[str, Any]]) -> Any:
        key = (route[0], route[2])
        if key not in self._validators:
            content = route[3].get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            whole = {**schema, "components": self._document["components"]} if schema else None
            self._validators[key] = self._checks(whole) if whole else None
        return self._validators[key]

    @cached_property
    def _checks(self) -> Any:
        """Validators that look at the one branch of ``oneOf`` or ``anyOf`` that can fit, where there is no more than
        one: all the others would only be walked to find that they are for another ``type``."""
        return extend(Draft202012Validator, {word: self._choosing(word) for word in ("oneOf", "anyOf")})

    def _choosing(self, word: str) -> Any:
        each_in_turn = Draft202012Validator.VALIDATORS[word]

        def choose(
            validator: Any, branches: Sequence[Mapping[str, Any]], instance: Any, schema: Any
        ) -> Iterator[ValidationError]:
            said = instance.get("type") if isinstance(instance, dict) else instance
            fit = [at for at, kinds in enumerate(self._kinds_of(branches)) if kinds is None or _among(said, kinds)]
            if len(fit) == 1:
                yield from validator.descend(instance, branches[fit[0]], schema_path=fit[0])
            else:
                yield from each_in_turn(validator, branches, instance, schema)

        return choose

    def _kinds_of(self, branches: Sequence[Mapping[str, Any]]) -> tuple[frozenset[object] | None, ...]:
        """For each branch the values of ``type`` that it takes, or the one value that it is; ``None`` for any."""
        if id(branches) not in self._kinds:
            self._kinds[id(branches)] = tuple(map(self._kinds_in, branches))
        return self._kinds[id(branches)]

    def _kinds_in(self, branch: Mapping[str, Any]) -> frozenset[object] | None:
        schema = (
            self._document["components"]["schemas"][branch["$ref"].rsplit("/", 1)[-1]] if "$ref" in branch else branch
        )
        if "const" in schema:
            return frozenset([schema["const"]])
        named = schema.get("properties", {}).get("type", {}) if "type" in schema.get("required", ()) else {}
        if schema.get("type") != "object" or not ({"enum", "const"} & named.keys()):
            return None
        return frozenset(named.get("enum", [named.get("const")]))


@cache
def _over(path: Path) -> OpenApi:
    return OpenApi(path)


def _among(said: object, kinds: frozenset[object]) -> bool:
    return isinstance(said, int | str) and said in kinds


def deepest(error: ValidationError) -> ValidationError:
    """Walk down ``oneOf``/``anyOf`` into the branch that is meant (its ``type`` fits), so that the message says what is
    wrong there."""
    while error.context:
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        meant = [errors for errors in branches.values() if not any(map(_is_other_type, errors))]
        chosen = min(meant or branches.values(), key=len)
        error = max(chosen, key=lambda inner: len(inner.absolute_path))
    return error


def _is_other_type(error: ValidationError) -> bool:
    """Whether the branch describes another kind of thing: its ``type`` differs, or it is ``null``."""
    at_type = list(error.relative_path) == ["type"] and error.validator in {"const", "enum"}
    return at_type or (error.validator == "type" and not error.relative_path)


def place(error: ValidationError) -> str:
    """The complaint with its place, short enough to read."""
    where = ".".join(str(part) for part in error.absolute_path) or "body"
    return f"{where}: {error.message[:200]}"


def all_complaints(checker: OpenApi | None, requests: Iterable[tuple[str, str, object]]) -> list[str]:
    """The complaints of many requests; empty without a checker."""
    return [] if checker is None else [c for request in requests for c in checker.complaints(*request)]
