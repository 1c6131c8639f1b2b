"""Makes a running bot's clock jump and its disk fail, by a small library that is loaded before its C library."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("faults.c")
_COMPILER = shutil.which("cc") or shutil.which("gcc")
needs_compiler = pytest.mark.skipif(
    _COMPILER is None or not sys.platform.startswith("linux"), reason="needs Linux and a C compiler"
)


@dataclass(frozen=True)
class Trouble:
    """Orders to one bot process. They hold from the next call on, and its test changes them at any time."""

    library: Path
    orders: Path
    place: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the process is started with."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAULTS_FILE": str(self.orders),
            "FAULTS_PATH": str(self.place),
        }

    def order(self, *, shift: int = 0, refuse: int = 0) -> None:
        """``shift`` moves the wall clock by so many seconds; ``refuse`` is the errno of every write (0: none)."""
        with self.orders.open("r+b" if self.orders.exists() else "wb") as file:
            file.write(struct.pack("qi4x", shift, refuse))


def compiled(folder: Path) -> Path:
    """The library, built in ``folder``."""
    library = folder / "faults.so"
    assert _COMPILER is not None
    command = [_COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE), "-ldl"]
    subprocess.run(command, check=True, env={**os.environ, "LD_PRELOAD": ""})
    return library
