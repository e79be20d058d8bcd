"""`python -m shared.policy` prints the reference of the policy file; `… schema` its JSON schema."""

import json
import sys
from collections.abc import Sequence

from shared.policy.reference import json_schema, reference

USAGE = "usage: python -m shared.policy [schema]"


def main(arguments: Sequence[str]) -> int:
    """Print what `arguments` ask for; 0, or 2 for arguments that are none."""
    if list(arguments) == ["schema"]:
        sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
        return 0
    if arguments:
        sys.stderr.write(f"{' '.join(arguments)}: is no part of the policy; {USAGE}\n")
        return 2
    sys.stdout.write(reference())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
