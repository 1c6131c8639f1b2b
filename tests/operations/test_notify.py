"""What systemd hears."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.operations.notify import ALIVE, READY, sd_notify


@pytest.mark.parametrize("abstract", [False, True])
def test_states_arrive_in_one_datagram(tmp_path: Path, abstract: bool) -> None:
    name = f"nextstep-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name if abstract else name)
        manager.settimeout(2)
        assert sd_notify(READY, "STATUS=Connected", environ={"NOTIFY_SOCKET": "@" + name if abstract else name})
        assert manager.recv(100) == b"READY=1\nSTATUS=Connected"
        assert sd_notify(ALIVE, environ={"NOTIFY_SOCKET": "@" + name if abstract else name})
        assert manager.recv(100) == b"WATCHDOG=1"


def test_without_a_manager_nothing_happens(tmp_path: Path) -> None:
    assert not sd_notify(READY, environ={})
    assert not sd_notify(READY, environ={"NOTIFY_SOCKET": "vsock:2:1234"})
    assert not sd_notify(READY, environ={"NOTIFY_SOCKET": str(tmp_path / "nobody")})
