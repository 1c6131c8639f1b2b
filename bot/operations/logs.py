"""A log that tells its operator once: the same trouble again and again would hide the next one."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

QUIET_SECONDS: Final = 600.0
REMEMBERED: Final = 256


class SaidOnce(logging.Filter):
    """Lets the same warning or error through once in ten minutes; the next time it says how often it was held back."""

    def __init__(self, seconds: float = QUIET_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds, self._clock = seconds, clock
        self._said: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        if record.levelno < logging.WARNING:
            return True
        now, said = self._clock(), record.getMessage()
        key = (record.name, said)
        since, held = self._said.get(key, (None, 0))
        if since is not None and now - since < self._seconds:
            self._said[key] = (since, held + 1)
            return False
        self._said[key] = (now, 0)
        self._said.move_to_end(key)
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        if held:
            record.msg, record.args = f"{said} repeated={held}", None
        return True
