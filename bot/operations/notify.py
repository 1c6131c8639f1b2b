"""Tells systemd that the bot is ready, alive or leaving (sd_notify(3)); does nothing where systemd did not start it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
LEAVING: Final = "STOPPING=1"


def sd_notify(*states: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send states such as :data:`READY` or ``STATUS=Connected`` in one datagram; whether anyone took them.

    Never raises: a service manager that cannot be reached is no reason to leave members without answers.
    """
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
            wire.settimeout(1.0)
            wire.connect("\0" + address[1:] if address.startswith("@") else address)
            wire.sendall("\n".join(states).encode())
    except OSError:
        return False
    return True
