"""``python -m bot`` is ``nextstep``."""

from bot.cli import main

if __name__ == "__main__":
    main()
