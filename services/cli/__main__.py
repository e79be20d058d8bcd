"""`gatefleet`: the command. What it does is imported only when it runs: Ctrl-C is heard at once."""

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
    sys.exit(code)


if __name__ == "__main__":
    main()
