"""Settings: read when asked for, complaints that name every wrong variable, and no secrets shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Settings, read_settings, settings_table
from bot.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set() -> None:
    settings = read_settings()
    assert settings.token() is None
    assert settings.nextstep_database == Path("nextstep.sqlite3")
    assert settings.nextstep_home_servers == ()
    assert settings.nextstep_message_content is False


def test_settings_are_read_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTSTEP_HOME_SERVERS", " 123, 456 ,")
    monkeypatch.setenv("NEXTSTEP_COUNTRY", "gb")
    monkeypatch.setenv("NEXTSTEP_LOG_LEVEL", "debug")
    monkeypatch.setenv("NEXTSTEP_METRICS_PORT", "")
    settings = read_settings()
    assert settings.nextstep_home_servers == (123, 456)
    assert settings.nextstep_country == "GB"
    assert settings.nextstep_log_level == "DEBUG"
    assert settings.nextstep_metrics_port is None


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "NEXTSTEP_COUNTRY": "England",
        "NEXTSTEP_LOG_LEVEL": "chatty",
        "NEXTSTEP_METRICS_PORT": "99999999",
        "NEXTSTEP_HOME_SERVERS": "12x",
        "NEXTSTEP_SHARDS": "0",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        read_settings()
    said = str(caught.value)
    assert [name for name in wrong if name not in said] == []
    assert [value for value in wrong.values() if len(value) > 2 and value in said] == []
    assert "nextstep.env.example" in said
    assert caught.value.exit_code == 78


def test_the_token_comes_from_the_setting_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(tmp_path / "token"))
    assert read_settings().token() == "from-file"
    monkeypatch.setenv("DISCORD_TOKEN", " from-setting ")
    assert read_settings().token() == "from-setting"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_token_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(path))
    with pytest.raises(ConfigError, match="DISCORD_TOKEN_FILE"):
        read_settings().token()


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very.secret.token")
    assert "very.secret" not in repr(read_settings())


def test_every_setting_is_documented() -> None:
    example = (ROOT / "deploy" / "nextstep.env.example").read_text(encoding="utf-8")
    names = [name.upper() for name in Settings.model_fields]
    assert [name for name in names if name not in example] == []
    assert [name for name in names if f"| `{name}` |" not in settings_table()] == []
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
