"""`gatefleet`: the command. What it does is imported only when it runs: Ctrl-C is heard at once."""

import os
import sys

STOPPED = "gatefleet: stopped"
INTERRUPTED = 130
SIGNALS = 128
"""Exit codes above this tell of a signal."""


def main() -> None:
    """Run the command with this process's arguments, and end with its exit code."""
    try:
        from services.cli.commands import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code > SIGNALS:
        print(STOPPED, file=sys.stderr)
    _let_go()
    sys.exit(code)


def _let_go() -> None:
    """Nobody may read any more: what is left to print then goes nowhere, without a word of it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


if __name__ == "__main__":
    main()
