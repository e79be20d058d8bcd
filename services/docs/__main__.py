"""`python -m services.docs`: write docs/; `--check`: say which document is stale, and exit with 1."""

import sys
from pathlib import Path

from services.docs.writing import FOLDER, check, write

USAGE = "usage: python -m services.docs [--check]"
STALE = "{path}: does not say what the code says; run: python -m services.docs"
WRITTEN = "{path}: written"


def main() -> int:
    """0 when all is well, 1 when a document is stale, 2 for wrong arguments."""
    return told(sys.argv[1:], FOLDER)


def told(arguments: list[str], folder: Path) -> int:
    """The same for any folder."""
    if arguments == ["--check"]:
        stale = check(folder)
        for path in stale:
            print(STALE.format(path=path.relative_to(folder.parent)), file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print(USAGE, file=sys.stderr)
        return 2
    for path in write(folder):
        print(WRITTEN.format(path=path.relative_to(folder.parent)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
