"""Settings of a deployment, read from the environment when asked for, never at import.

Every setting has a line in ``deploy/nextstep.env.example`` and in the README; a test holds the three together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigError


class Settings(BaseSettings):
    """Everything that may be set from outside. Field descriptions are the documentation."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    discord_token: SecretStr | None = Field(
        default=None, description="The bot's token from the Discord developer portal."
    )
    discord_token_file: Path | None = Field(
        default=None, description="A file that holds the token instead, such as a service credential."
    )
    discord_api_url: str | None = Field(
        default=None, description="Another base address for Discord's API, for a proxy or for tests."
    )
    nextstep_knowledge: Path | None = Field(
        default=None, description="Another knowledge folder than the one that comes with the program."
    )
    nextstep_database: Path = Field(
        default=Path("nextstep.sqlite3"), description="The file that holds server settings, edits and counts."
    )
    nextstep_home_servers: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(), description="Ids of the servers whose editors may publish, separated by commas."
    )
    nextstep_editors_channel: int | None = Field(
        default=None,
        ge=1,
        description="Id of the private channel where edits wait for review.",
    )
    nextstep_clinician_for_high_stakes: bool = Field(
        default=False, description="Whether only a clinician may approve edits of pages with high stakes."
    )
    nextstep_message_content: bool = Field(
        default=False,
        description="Whether the message content intent is on in the developer portal; for channels listened in.",
    )
    nextstep_country: str | None = Field(
        default=None, description="Two-letter country for crisis lines where neither member nor server chose one."
    )
    nextstep_health_file: Path | None = Field(
        default=None, description="Where the running bot writes its health every 15 seconds."
    )
    nextstep_metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="Port on 127.0.0.1 for Prometheus metrics; off when empty."
    )
    nextstep_log_level: str = Field(
        default="INFO", description="DEBUG, INFO, WARNING or ERROR. Message text is never logged at any level."
    )
    nextstep_shards: int | None = Field(
        default=None, ge=1, description="Number of connections to Discord; Discord's own choice when empty."
    )
    nextstep_contact: str | None = Field(
        default=None, description="How members reach the people who run this bot, shown in /about and /privacy."
    )

    @field_validator("nextstep_home_servers", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("nextstep_country")
    @classmethod
    def _country(cls, value: str | None) -> str | None:
        if value is not None and not (len(value) == 2 and value.isascii() and value.isalpha()):
            raise ValueError("must be a two-letter country code such as GB")
        return value.upper() if value else None

    @field_validator("nextstep_log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    def token(self) -> str | None:
        """The bot's token, from the setting or the file. Raises :class:`ConfigError` when the file cannot be read."""
        if self.discord_token is not None:
            return self.discord_token.get_secret_value().strip() or None
        if self.discord_token_file is None:
            return None
        try:
            return self.discord_token_file.read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"DISCORD_TOKEN_FILE names {self.discord_token_file}, which cannot be read ({type(error).__name__}). "
                "Check the path and that this user may read it."
            ) from error


def read_settings() -> Settings:
    """The settings of this process. Raises :class:`ConfigError` naming every wrong variable and what it takes."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, one['loc'])).upper()} {_plainly(one['msg'])}."
            for one in error.errors(include_input=False)
        ]
        raise ConfigError("\n".join([*lines, "See deploy/nextstep.env.example for what each setting takes."])) from None


def _plainly(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")


def settings_table() -> str:
    """Every setting with its default and what it is for, as a Markdown table for the papers."""
    rows = [
        f"| `{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | what it is for |", "| --- | --- | --- |", *rows])


def _default(value: object) -> str:
    if value is None or value == ():
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
