"""``nextstep doctor``: looks at everything that the bot needs, changes nothing, and says what to do for each."""

from __future__ import annotations

import asyncio
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bot.config import Settings, read_settings
from bot.errors import BotError, ConfigError, StorageError
from bot.knowledge.loading import load_knowledge
from bot.knowledge.locating import locate
from bot.knowledge.safety import load_safety
from bot.operations.findings import Finding, fine, note, wrong
from bot.operations.health import trouble_in
from bot.operations.online import look_at_discord
from bot.storage import GuildSettings, copy_to, open_database
from bot.storage import Settings as GuildSettingsStore
from bot.storage.database import lock_of
from bot.storage.upgrading import current, newest

DISCORD: Final = "https://discord.com/api/v10"
OLDEST_PYTHON: Final = (3, 11)
SCARCE_BYTES: Final = 500 * 2**20
TOO_LITTLE_BYTES: Final = 50 * 2**20


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found about the database, and the server settings inside."""

    finding: Finding
    guilds: tuple[GuildSettings, ...] = ()


def examine(today: date, *, knowledge: Path | None = None, offline: bool = False) -> list[Finding]:
    """Everything, in the order in which one would mend it. ``offline`` leaves Discord alone."""
    findings = [python()]
    try:
        settings = read_settings()
    except ConfigError as error:
        lines = str(error).splitlines()
        findings += [wrong("settings", line, lines[-1]) for line in lines[:-1]]
        return [*findings, words(knowledge, today)]
    findings += [*chosen(settings), words(knowledge or settings.nextstep_knowledge, today)]
    findings += [*places(settings), disk(settings.nextstep_database)]
    looked = asyncio.run(database(settings.nextstep_database))
    findings += [looked.finding, *running(settings, datetime.now(UTC).timestamp()), *token_file(settings)]
    if offline:
        return findings
    return findings + discord(settings, looked.guilds)


def python() -> Finding:
    """Whether this Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        return fine("python", f"Python {version}.")
    return wrong("python", f"Python {version} is too old.", "Install Python 3.11 or newer.")


def chosen(settings: Settings) -> list[Finding]:
    """Settings that work as they are, and serve members better when they are set."""
    found = []
    if not settings.nextstep_contact:
        found.append(
            note(
                "contact",
                "Members cannot see who runs this bot.",
                "Set NEXTSTEP_CONTACT to an address or server where they reach you; Discord's policy asks it.",
            )
        )
    if not settings.nextstep_home_servers:
        found.append(
            note(
                "editors",
                "Nobody can correct answers from inside Discord.",
                "Set NEXTSTEP_HOME_SERVERS to the id of the server where your editors are.",
            )
        )
    if not settings.nextstep_country:
        found.append(
            note(
                "country",
                "Crisis support names international lines where neither member nor server chose a country.",
                "Set NEXTSTEP_COUNTRY if most of your members live in one country.",
            )
        )
    return found


def words(knowledge: Path | None, today: date) -> Finding:
    """Whether the knowledge and the safety data can be served."""
    folder = locate(knowledge)
    safety = load_safety(folder / "safety")
    try:
        loaded = load_knowledge(folder)
    except Exception as error:
        reason = str(error) if isinstance(error, BotError) else type(error).__name__
        return wrong(
            "knowledge", f"{folder} cannot be loaded: {reason}", "Run nextstep check, or unset NEXTSTEP_KNOWLEDGE."
        )
    count, problems = len(loaded.knowledge.entries), len(loaded.problems) + len(safety.problems)
    if not count:
        return wrong("knowledge", f"There are no entries in {folder}.", "Check NEXTSTEP_KNOWLEDGE, or unset it.")
    if problems:
        return note("knowledge", f"{count} entries, and {problems} problems in {folder}.", "Run nextstep check.")
    overdue = sum(entry.review.due < today for entry in loaded.knowledge.entries.values())
    if overdue:
        return note("knowledge", f"{count} entries; {overdue} are due for review.", "Ask your editors to look at them.")
    return fine("knowledge", f"{count} entries, revision {loaded.knowledge.revision}.")


def places(settings: Settings) -> list[Finding]:
    """Whether the folders that the bot writes into can be written."""
    folders = {settings.nextstep_database.absolute().parent: "the database"}
    if settings.nextstep_health_file is not None:
        folders.setdefault(settings.nextstep_health_file.absolute().parent, "the health file")
    return [_writable(folder, what) for folder, what in folders.items()]


def _writable(folder: Path, what: str) -> Finding:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".nextstep-") as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        return wrong(
            "writing",
            f"{folder}, for {what}, cannot be written ({error.strerror}).",
            "Make the folder, and give the account that runs the bot write access to it.",
        )
    return fine("writing", f"{folder}, for {what}.")


def disk(path: Path) -> Finding:
    """Whether there is room."""
    folder = path.absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return wrong("disk", f"{folder} cannot be looked at ({error.strerror}).", "Check NEXTSTEP_DATABASE.")
    said = f"{free / 2**20:,.0f} MB free at {folder}."
    if free < TOO_LITTLE_BYTES:
        return wrong("disk", said, "Free some space: the database cannot grow, and upgrades need a copy of it.")
    if free < SCARCE_BYTES:
        return note("disk", said, "Free some space soon.")
    return fine("disk", said)


async def database(path: Path) -> Looked:
    """Reads a copy of the database, so that a running bot is not disturbed; tries an upgrade on the copy."""
    if not path.exists():
        return Looked(_absent(path))
    try:
        with tempfile.TemporaryDirectory(prefix="nextstep-") as folder:
            copy = copy_to(path, Path(folder) / "copy.sqlite3")
            found = current(copy)
            guilds = await _guilds(copy)
    except StorageError as error:
        return Looked(
            wrong(
                "database",
                str(error),
                "Put the newest backup back: nextstep restore FILE. Until then the bot answers without settings.",
            )
        )
    if found != newest():
        return Looked(
            note(
                "database",
                f"{path} has an older schema ({found}).",
                "It is upgraded, after a backup, at the next start.",
            ),
            guilds,
        )
    return Looked(fine("database", f"{path}, settings of {len(guilds)} servers."), guilds)


def _absent(path: Path) -> Finding:
    if not lock_of(path).exists():
        return fine("database", f"None yet; {path.absolute()} is made at the first start.")
    return note(
        "database",
        f"{path.absolute()} is gone, although a bot has run with it.",
        "Put a backup back: nextstep restore FILE. Otherwise the next start makes an empty one.",
    )


def running(settings: Settings, now: float) -> list[Finding]:
    """What the bot that runs at this moment says of itself."""
    path = settings.nextstep_health_file
    trouble = "" if path is None else trouble_in(path, now)
    return [wrong("running bot", trouble, "Do that, then start the bot again.")] if trouble else []


async def _guilds(path: Path) -> tuple[GuildSettings, ...]:
    opened = await open_database(path)
    try:
        store = GuildSettingsStore(opened)
        await store.load()
        return store.all()
    finally:
        await opened.close()


def token_file(settings: Settings) -> list[Finding]:
    """Whether others on this machine could read the token."""
    path = settings.discord_token_file
    if settings.discord_token is not None or path is None:
        return []
    try:
        mode = path.stat().st_mode
    except OSError:
        return []
    if stat.S_IMODE(mode) & stat.S_IRWXO:
        return [note("token file", f"Everyone on this machine can read {path}.", f"chmod 600 {path}")]
    return []


def discord(settings: Settings, guilds: tuple[GuildSettings, ...]) -> list[Finding]:
    """The token, and with it everything that Discord can tell."""
    try:
        token = settings.token()
    except ConfigError as error:
        return [wrong("token", str(error), "Mend the path or the file's owner.")]
    if token is None:
        return [
            wrong(
                "token",
                "There is none.",
                "Make an application at https://discord.com/developers/applications, copy its bot token (Bot > Reset "
                "Token) into DISCORD_TOKEN, or into a file that DISCORD_TOKEN_FILE names.",
            )
        ]
    return asyncio.run(look_at_discord(settings.discord_api_url or DISCORD, token, settings, guilds))
