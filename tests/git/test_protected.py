"""Protected paths: every class, whatever the letter case, form or depth."""

import pytest

from shared.git.protected import DEFAULT_PROTECTED, WORKFLOWS, protected
from tests.git.test_globs import diff

EVERY_CLASS = [
    ".github/workflows/ci.yml",
    ".GitHub/Workflows/ci.yml",
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/codeowners",
    ".gatefleet.yml",
    ".Gatefleet.YML",
    ".gatefleet/prompts/dev.md",
    "pyproject.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "sub/dev-requirements.txt",
    "uv.lock",
    "poetry.lock",
    "package.json",
    "web/package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "go.sum",
    "Gemfile",
    "AGENTS.md",
    "agents.md",
    "sub/AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
    ".claude/settings.json",
    "sub/.claude/x",
    ".codex/a",
    ".cursor/rules/x.mdc",
    ".agents/skills/a.md",
    ".mcp.json",
    ".vscode/tasks.json",
    ".VSCode/settings.json",
    ".idea/workspace.xml",
    "my.code-workspace",
    ".gitattributes",
    "sub/.gitattributes",
    ".gitmodules",
    ".husky/pre-commit",
    ".pre-commit-config.yaml",
    "setup.py",
    "conftest.py",
    "tests/conftest.py",
    "tests/CONFTEST.py",
    "Makefile",
    "sub/makefile",
    "Dockerfile",
    "Dockerfile.dev",
    "docker-compose.yml",
    "tox.ini",
    "noxfile.py",
    "sitecustomize.py",
    "evil.pth",
]


@pytest.mark.parametrize("path", EVERY_CLASS)
def test_i28_every_class_is_protected(path: str) -> None:
    assert protected(diff(path), DEFAULT_PROTECTED) == [path]


@pytest.mark.parametrize(
    "path",
    ["src/app.py", "README.md", "docs/agents/intro.md", "tests/test_setup.py", "src/makefile.py"],
)
def test_ordinary_files_are_not_protected(path: str) -> None:
    assert protected(diff(path)) == []


@pytest.mark.parametrize(
    "path",
    [
        "services/gatekeeper/evaluating.py",
        "shared/git/quarantine.py",
        "shared/git/push.py",
        "shared/git/protected.py",
        "shared/policy/parse.py",
        "shared/sandbox/bubblewrap.py",
        ".ci/run",
    ],
)
def test_i28_the_gates_own_source_is_in_the_list(path: str) -> None:
    assert protected(diff(path)) == [path]


def test_i28_a_decomposed_name_and_a_pattern_of_the_policy_still_match() -> None:
    assert protected(diff("De\u0301ploy/x"), ["d\u00e9ploy/**"]) == ["De\u0301ploy/x"]
    assert protected(diff("infra/main.tf"), ["infra/**"]) == ["infra/main.tf"]
    assert protected(diff("x/infra/main.tf"), ["infra/**"]) == []
    assert protected(diff("x/Infra/main.tf"), ["infra/"]) == ["x/Infra/main.tf"]


def test_i28_workflows_have_a_list_of_their_own() -> None:
    assert protected(diff(".GITHUB/workflows/a.yml", ".github/x.md"), WORKFLOWS) == [
        ".GITHUB/workflows/a.yml"
    ]
