"""What the client remembers in memory only, always with an upper bound."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lately(Generic[K, V]):
    """The last ``limit`` values by key; reading one keeps it longer."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def get(self, key: K) -> V | None:
        """The value, or ``None``."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Remember a value; the one unused for longest may go."""
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._limit:
            self._values.popitem(last=False)

    def values(self) -> tuple[V, ...]:
        """Everything that is remembered, the last used last."""
        return tuple(self._values.values())

    def keep(self, kept: Callable[[V], V | None]) -> None:
        """Put ``kept(value)`` in the place of each value; ``None`` forgets it."""
        after = ((key, kept(value)) for key, value in self._values.items())
        self._values = OrderedDict((key, value) for key, value in after if value is not None)

    def forget(self, matches: Callable[[K], bool]) -> None:
        """Forget the values of all keys that match."""
        for key in [key for key in self._values if matches(key)]:
            del self._values[key]


@dataclass(frozen=True, slots=True)
class Pace:
    """How many questions in how many seconds."""

    most: int
    seconds: float


PERSON: Final = Pace(6, 30.0)
CHANNEL: Final = Pace(30, 30.0)


@dataclass
class Cooldowns:
    """Bounds on how often a person, and a channel, is answered."""

    person: Pace = PERSON
    channel: Pace = CHANNEL
    clock: Callable[[], float] = time.monotonic
    _used: Lately[tuple[str, int], tuple[float, ...]] = field(default_factory=lambda: Lately(20_000))

    def wait(self, person: int, channel: int | None) -> float:
        """Seconds until the next question is welcome; 0 takes one of the person's (and the channel's) turns."""
        moment = self.clock()
        keys = [(("person", person), self.person)]
        keys += [(("channel", channel), self.channel)] if channel is not None else []
        used = {key: self._recent(key, pace, moment) for key, pace in keys}
        waits = [pace.seconds - (moment - used[key][0]) for key, pace in keys if len(used[key]) >= pace.most]
        if waits:
            return max(waits)
        for key, times in used.items():
            self._used.put(key, (*times, moment))
        return 0.0

    def _recent(self, key: tuple[str, int], pace: Pace, moment: float) -> tuple[float, ...]:
        return tuple(at for at in self._used.get(key) or () if moment - at < pace.seconds)
