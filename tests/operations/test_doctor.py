"""What the doctor finds, against a Discord on this machine, and what it tells people to do."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.config import Settings
from bot.operations.doctor import database, examine
from bot.operations.findings import Finding, State
from bot.operations.online import look_at_discord
from bot.storage import GuildSettings, open_database
from bot.storage import Settings as GuildSettingsStore
from tests.discord_server import LocalDiscord
from tests.discord_server.world import ADMINISTRATOR, EMBED, SEND

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def typed(*words: str, env: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["doctor", *words], env=dict(env or {}))


def of(findings: list[Finding], name: str) -> list[State]:
    return [finding.state for finding in findings if finding.name == name]


async def asked(local: LocalDiscord, *guilds: GuildSettings, **settings: Any) -> list[Finding]:
    return await look_at_discord(local.api_url, settings.pop("token", local.token), Settings(**settings), guilds)


async def configured(path: Path, *guilds: GuildSettings) -> None:
    opened = await open_database(path)
    store = GuildSettingsStore(opened)
    await store.load()
    for guild in guilds:
        await store.save(guild)
    await opened.close()


async def test_a_deployment_that_is_set_up_right_is_ready(tmp_path: Path) -> None:
    async with LocalDiscord() as local:
        await configured(tmp_path / "bot.sqlite3", GuildSettings(local.guild.id, alert_channel=local.mod_room.id))
        env = local.environment | {
            "NEXTSTEP_DATABASE": str(tmp_path / "bot.sqlite3"),
            "NEXTSTEP_HOME_SERVERS": str(local.guild.id),
            "NEXTSTEP_COUNTRY": "GB",
            "NEXTSTEP_CONTACT": "the moderators",
        }
        found = await asyncio.to_thread(typed, env=env)
        assert found.exit_code == 0, found.output
        assert "wrong" not in found.output
        assert "All that is needed in channel" in found.output
        assert {request.method for request in local.requests} == {"GET"}


async def test_a_missing_and_an_expired_token_end_with_78() -> None:
    none = await asyncio.to_thread(typed)
    assert (none.exit_code, "developers/applications" in none.output) == (78, True)
    async with LocalDiscord() as local:
        expired = await asyncio.to_thread(typed, env=local.environment | {"DISCORD_TOKEN": "expired.token"})
        assert (expired.exit_code, "Reset Token" in expired.output) == (78, True)
        assert "expired.token" not in expired.output


async def test_a_token_file_that_others_can_read_is_noted(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    file.chmod(0o644)
    found = await asyncio.to_thread(typed, "--offline", env={"DISCORD_TOKEN_FILE": str(file)})
    assert f"chmod 600 {file}" in found.output
    gone = await asyncio.to_thread(typed, env={"DISCORD_TOKEN_FILE": str(tmp_path / "none")})
    assert (gone.exit_code, "cannot be read" in gone.output) == (78, True)


def test_every_wrong_setting_is_named() -> None:
    found = typed(env={"NEXTSTEP_COUNTRY": "Britain", "NEXTSTEP_LOG_LEVEL": "LOUD", "NEXTSTEP_METRICS_PORT": "0"})
    assert found.exit_code == 78
    assert all(name in found.output for name in ("NEXTSTEP_COUNTRY", "NEXTSTEP_LOG_LEVEL", "NEXTSTEP_METRICS_PORT"))


async def test_the_intent_and_the_setting_have_to_agree() -> None:
    listening = GuildSettings(1, answer_in=frozenset({2}))
    async with LocalDiscord() as without:
        assert of(await asked(without), "intents") == [State.FINE]
        assert of(await asked(without, nextstep_message_content=True), "intents") == [State.WRONG]
        assert of(await asked(without, listening), "listening") == [State.NOTE]
    async with LocalDiscord(message_content=True) as allowed:
        assert of(await asked(allowed, nextstep_message_content=True), "intents") == [State.FINE]
        assert of(await asked(allowed), "intents") == [State.NOTE]


async def test_permissions_are_added_up_as_discord_does() -> None:
    async with LocalDiscord() as local:
        quiet = local.world.channel(local.guild, "quiet", denied=SEND | EMBED)
        guild = GuildSettings(local.guild.id, answer_in=frozenset({local.general.id, quiet.id}))
        found = [one for one in await asked(local, guild) if one.name == "permissions"]
        assert {(str(quiet.id) in one.said, one.state) for one in found} == {(False, State.FINE), (True, State.WRONG)}
        assert [one for one in found if "Send Messages, Embed Links" in one.said]

        role = local.world.role(local.guild, "Everything", ADMINISTRATOR)
        local.guild.members[local.world.bot.id] = [role.id]
        assert of(await asked(local, guild), "permissions") == [State.NOTE, State.FINE, State.FINE]


async def test_channels_and_servers_that_are_gone_are_said() -> None:
    async with LocalDiscord(strict=False) as local:
        guild = GuildSettings(local.guild.id, watch_in=frozenset({12345}))
        assert of(await asked(local, guild), "permissions") == [State.WRONG]
        assert of(await asked(local, GuildSettings(999)), "permissions") == [State.NOTE]
        assert of(await asked(local, nextstep_home_servers="999"), "home server") == [State.WRONG]


async def serving(header: str, status: int = 200) -> web.AppRunner:
    async def answer(request: web.Request) -> web.Response:
        body = {"id": "1", "flags": 0}
        return web.json_response(body, status=status, headers={"Date": header})

    application = web.Application()
    application.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


@pytest.mark.parametrize(("hours", "state"), [(0, State.FINE), (1, State.WRONG), (-1, State.WRONG)])
async def test_a_clock_that_is_an_hour_off_is_said(hours: int, state: State) -> None:
    there = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    runner = await serving(there)
    try:
        found = await look_at_discord(f"http://127.0.0.1:{runner.addresses[0][1]}", "token", Settings(), ())
        assert of(found, "clock") == [state]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_discord_in_trouble_is_no_bad_token(status: int) -> None:
    runner = await serving("nonsense", status)
    try:
        found = await look_at_discord(f"http://127.0.0.1:{runner.addresses[0][1]}", "token", Settings(), ())
        assert [(one.name, "Reset Token" in one.todo) for one in found] == [("token", False)]
    finally:
        await runner.cleanup()


async def test_no_network_is_said_in_one_line() -> None:
    found = await look_at_discord("http://127.0.0.1:9", "token", Settings(), ())
    assert [(one.name, one.state) for one in found] == [("discord", State.WRONG)]


async def test_a_damaged_database_is_said_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    before = path.read_bytes()
    looked = await database(path)
    assert looked.finding.state is State.WRONG
    assert "nextstep restore" in looked.finding.todo
    assert path.read_bytes() == before


async def test_a_running_bots_database_is_read_without_disturbing_it(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    running = await open_database(path)
    store = GuildSettingsStore(running)
    await store.load()
    await store.save(GuildSettings(7, answer_in=frozenset({8})))
    looked = await database(path)
    assert looked.guilds == (GuildSettings(7, answer_in=frozenset({8})),)
    await store.save(GuildSettings(9))
    await running.close()


async def test_a_newer_database_is_refused_and_an_empty_place_is_fine(tmp_path: Path) -> None:
    assert (await database(tmp_path / "none.sqlite3")).finding.state is State.FINE
    assert not (tmp_path / "none.sqlite3").exists()
    path = tmp_path / "bot.sqlite3"
    await configured(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 's9999'")
    assert "newer" in (await database(path)).finding.said


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a place where nobody can write, such as /proc")
def test_a_place_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTSTEP_DATABASE", "/proc/bot.sqlite3")
    assert of(examine(TODAY, offline=True), "writing") == [State.WRONG]


def test_knowledge_that_is_broken_or_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTSTEP_DATABASE", str(tmp_path / "bot.sqlite3"))
    assert of(examine(TODAY, knowledge=tmp_path / "none", offline=True), "knowledge") == [State.WRONG]
    assert State.WRONG not in of(examine(TODAY, offline=True), "knowledge")
