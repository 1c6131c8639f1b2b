"""Running a bot and keeping it well, from the terminal: each command is a thin door to a box."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.collector import uncollected
from bot.errors import ConfigError
from bot.terminal import readable

Knowledge = Annotated[
    Path | None, typer.Option("--knowledge", help="Another knowledge folder than the one that came with the program.")
]


def run(knowledge: Knowledge = None) -> None:
    """Serve on Discord; the token comes from DISCORD_TOKEN or DISCORD_TOKEN_FILE."""
    from bot.config import read_settings  # noqa: PLC0415

    settings = read_settings()
    if settings.token() is None:
        raise ConfigError(
            "There is no Discord token. Make an application at https://discord.com/developers/applications, copy its "
            "bot token into DISCORD_TOKEN, and start again. To try NextStep without Discord: nextstep chat"
        )
    with uncollected(kept=True):
        from bot.client.running import run_client  # noqa: PLC0415

    run_client(settings, knowledge)


def doctor(
    knowledge: Knowledge = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask Discord nothing.")] = False,
) -> None:
    """Look at everything that the bot needs, change nothing, and say what to do. Exit 78 when it could not run well."""
    from bot.operations.doctor import examine  # noqa: PLC0415
    from bot.operations.findings import State, summary  # noqa: PLC0415

    found = examine(datetime.now(UTC).date(), knowledge=knowledge, offline=offline)
    for finding in found:
        print(finding)
    print(summary(found))
    raise typer.Exit(ConfigError.exit_code if any(one.state is State.WRONG for one in found) else 0)


def health(
    file: Annotated[
        Path | None, typer.Argument(help="The health file; the one that NEXTSTEP_HEALTH_FILE names by default.")
    ] = None,
) -> None:
    """Say whether the running bot is well: exit 0 when it is, 1 when not."""
    from bot.config import read_settings  # noqa: PLC0415
    from bot.operations.health import check_health  # noqa: PLC0415

    path = file or read_settings().nextstep_health_file
    if path is None:
        raise ConfigError("There is no health file. Set NEXTSTEP_HEALTH_FILE for the bot, and for this command.")
    verdict = check_health(path, datetime.now(UTC).timestamp())
    print(verdict.said)
    raise typer.Exit(0 if verdict.well else 1)


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to; in a folder the copy is named by the time.")
    ],
    keep: Annotated[int | None, typer.Option("--keep", help="In a folder, keep only this many of the newest.")] = None,
) -> None:
    """Copy the database, also while the bot runs."""
    from bot.config import read_settings  # noqa: PLC0415
    from bot.operations.keeping import back_up  # noqa: PLC0415

    made = back_up(read_settings().nextstep_database, target, datetime.now(UTC), keep)
    print(f"Backed up to {readable(made)}. Keep it as private as the database itself.")


def restore(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup in the database's place; stop the bot first."""
    from bot.config import read_settings  # noqa: PLC0415
    from bot.operations.keeping import put_back  # noqa: PLC0415

    database = read_settings().nextstep_database
    kept = put_back(file, database)
    print(f"{readable(database)} is now what {readable(file)} was.")
    if kept is not None:
        print(f"What was there before is in {readable(kept)}.")
