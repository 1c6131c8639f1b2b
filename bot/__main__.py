"""``nextstep`` and ``python -m bot``: the process is made ready before anything brings numpy."""

import os

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """The console script."""
    for name in _THREADS:  # read when numpy is imported: products as small as ours only wait for each other's threads
        os.environ.setdefault(name, "1")
    from bot.collector import uncollected  # noqa: PLC0415

    with uncollected(kept=True):
        from bot.cli import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
