"""Cuts our operations out of GitHub's published description, to be run by hand when it moved.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python -m tests.forge.github.description.extract package/generated/api.github.com.json

The description is Octokit's, under the licence beside this file. Texts and examples are left out.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KEPT = HERE / "operations.json"

_REPO = "/repos/{owner}/{repo}"
OPERATIONS = (
    "GET /user",
    "GET /users/{username}",
    f"GET {_REPO}",
    f"GET {_REPO}/labels",
    f"POST {_REPO}/labels",
    f"GET {_REPO}/labels/{{name}}",
    f"GET {_REPO}/issues",
    f"POST {_REPO}/issues",
    f"GET {_REPO}/issues/comments",
    f"PATCH {_REPO}/issues/comments/{{comment_id}}",
    f"GET {_REPO}/issues/{{issue_number}}",
    f"PATCH {_REPO}/issues/{{issue_number}}",
    f"GET {_REPO}/issues/{{issue_number}}/comments",
    f"POST {_REPO}/issues/{{issue_number}}/comments",
    f"POST {_REPO}/issues/{{issue_number}}/labels",
    f"DELETE {_REPO}/issues/{{issue_number}}/labels/{{name}}",
    f"GET {_REPO}/issues/{{issue_number}}/timeline",
    f"GET {_REPO}/collaborators/{{username}}/permission",
    f"GET {_REPO}/pulls",
    f"POST {_REPO}/pulls",
    f"GET {_REPO}/pulls/{{pull_number}}",
    f"PATCH {_REPO}/pulls/{{pull_number}}",
    f"GET {_REPO}/pulls/{{pull_number}}/reviews",
    f"POST {_REPO}/pulls/{{pull_number}}/reviews",
    f"GET {_REPO}/pulls/{{pull_number}}/comments",
    f"POST {_REPO}/pulls/{{pull_number}}/requested_reviewers",
    f"GET {_REPO}/commits/{{ref}}/check-runs",
    f"GET {_REPO}/commits/{{ref}}/statuses",
    f"GET {_REPO}/commits/{{ref}}/status",
    f"POST {_REPO}/check-runs",
    f"PATCH {_REPO}/check-runs/{{check_run_id}}",
    f"POST {_REPO}/statuses/{{sha}}",
    f"GET {_REPO}/rules/branches/{{branch}}",
    f"GET {_REPO}/rulesets/{{ruleset_id}}",
    f"GET {_REPO}/branches/{{branch}}/protection",
    f"GET {_REPO}/contents/{{path}}",
    f"GET {_REPO}/git/ref/{{ref}}",
    f"GET {_REPO}/git/matching-refs/{{ref}}",
    f"GET {_REPO}/hooks/{{hook_id}}/deliveries",
    f"POST {_REPO}/hooks/{{hook_id}}/deliveries/{{delivery_id}}/attempts",
)
_TEXTS = frozenset(
    {"description", "example", "examples", "title", "summary", "x-github", "externalDocs"}
)


class Cut:
    """The description without what we do not use."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self._whole = whole
        self.kept: dict[str, Any] = {"openapi": whole["openapi"], "paths": {}, "components": {}}

    def take(self, operation: str) -> None:
        """One operation with all that it refers to."""
        method, path = operation.lower().partition(" ")[0], operation.partition(" ")[2]
        found = self._whole["paths"][path][method]
        wanted = {key: found[key] for key in ("parameters", "requestBody") if key in found}
        wanted["responses"] = {
            status: answer for status, answer in found["responses"].items() if status[0] == "2"
        }
        self.kept["paths"].setdefault(path, {})[method] = self._bare(wanted)

    def _bare(self, value: Any, *, names: bool = False) -> Any:
        if isinstance(value, list):
            return [self._bare(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            self._follow(value["$ref"])
            return value
        bare = {
            key: self._bare(each, names=key == "properties")
            for key, each in value.items()
            if names or key not in _TEXTS
        }
        # The description says `nullable` and then leaves null out of the list of values.
        if bare.get("nullable") is True and None not in bare.get("enum", [None]):
            bare["enum"].append(None)
        return bare

    def _follow(self, reference: str) -> None:
        _, _, kind, name = reference.split("/")
        known = self.kept["components"].setdefault(kind, {})
        if name not in known:
            known[name] = None
            known[name] = self._bare(self._whole["components"][kind][name])


def write(kept: dict[str, Any], target: Path) -> None:
    """One path and one component a line, so that a change can be read."""
    parts = [f'"openapi": {json.dumps(kept["openapi"])}', f'"paths": {_lines(kept["paths"])}']
    kinds = [f'"{kind}": {_lines(each)}' for kind, each in sorted(kept["components"].items())]
    parts.append('"components": {\n' + ",\n".join(kinds) + "\n}")
    target.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _lines(named: dict[str, Any]) -> str:
    packed = (
        f"{json.dumps(name)}: {json.dumps(each, separators=(',', ':'), sort_keys=True)}"
        for name, each in sorted(named.items())
    )
    return "{\n" + ",\n".join(packed) + "\n}"


def main(source: str) -> None:
    """Read the whole description, write what is kept."""
    cut = Cut(json.loads(Path(source).read_text(encoding="utf-8")))
    for operation in OPERATIONS:
        cut.take(operation)
    write(cut.kept, KEPT)


if __name__ == "__main__":
    main(sys.argv[1])
