"""`python -m services.stack`: check every setting, make what is missing, deal out secrets, and end.

setup                       what `docker compose up` runs first
setup rotate NAME           a new secret, and what is to be run for everybody to have it
setup put SERVICE NAME      take a secret from standard input: a forge's token, a database's address
setup join SERVICE          what a developer sets to run one more instance outside
"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from services.stack.acts import join, prepare, put, rotate
from services.stack.settings import PREFIX, Settings
from shared.errors import BadInput, GatefleetError
from shared.runtime.settings import read_settings
from shared.runtime.variables import Variables, help_text

USAGE = "usage: setup | setup rotate NAME | setup put SERVICE NAME < FILE | setup join SERVICE"
BAD = 2


def main(arguments: Sequence[str], environment: Mapping[str, str], given: TextIO) -> int:
    """0 when it is done, 2 when something is wrong, one line for each on stderr."""
    try:
        for line in _act(arguments, environment, given):
            print(line)
    except GatefleetError as error:
        print(error, file=sys.stderr)
        return BAD
    return 0


def _act(arguments: Sequence[str], environment: Mapping[str, str], given: TextIO) -> Sequence[str]:
    match list(arguments):
        case ["--help" | "-h"]:
            return [help_text(__doc__ or "", Variables(Settings, PREFIX))]
        case []:
            return prepare(environment)
        case ["rotate", name]:
            return rotate(name, read_settings(Settings, environment))
        case ["put", service, name]:
            return put(service, name, given.read(), read_settings(Settings, environment))
        case ["join", service]:
            return join(service, read_settings(Settings, environment))
    raise BadInput(USAGE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdin))
