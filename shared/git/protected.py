"""Paths that need a person's second look, whatever the change says it is about.

They decide what runs (on a machine of a developer, of the CI, or of the next agent) or who may say
so. Matching is wide on purpose: without letter case, after NFC, and a name without a slash counts at
any depth, as a file or as a folder.
"""

import unicodedata
from collections.abc import Sequence

from shared.git.changes import Diff
from shared.git.globs import matches_parts, parts_of

# What GitHub refuses to take from an app, and what no fleet change may touch at all.
WORKFLOWS = (".github/workflows/**",)

GATE = (
    ".gatefleet.yml",
    ".gatefleet/",
    # The gates' own source, where the repository is this product's.
    "services/gatekeeper/**",
    "services/scheduler/**",
    "shared/forge/**",
    "shared/git/**",
    "shared/policy/**",
    "shared/sandbox/**",
    "shared/snapshot/**",
)

FORGE_AND_CI = (
    ".github/**",
    ".gitlab/",
    ".gitlab-ci.yml",
    ".circleci/",
    ".buildkite/",
    ".ci/",
    ".woodpecker/",
    ".woodpecker.yml",
    ".drone.yml",
    ".travis.yml",
    "appveyor.yml",
    ".appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    "CODEOWNERS",
)

AGENT_INSTRUCTIONS = (
    "AGENTS.md",
    "AGENTS.override.md",
    "CLAUDE.md",
    "CLAUDE.local.md",
    "GEMINI.md",
    ".agents/",
    ".aider*",
    ".claude/",
    ".clinerules",
    ".codex/",
    ".continue/",
    ".cursor/",
    ".cursorrules",
    ".gemini/",
    ".goosehints",
    ".junie/",
    ".mcp.json",
    ".opencode/",
    ".roo/",
    ".windsurf/",
    ".windsurfrules",
    "opencode.json",
)

EDITOR_AND_SHELL = (
    ".devcontainer/",
    ".envrc",
    ".fleet/",
    ".idea/",
    ".vscode/",
    ".zed/",
    "*.code-workspace",
)

GIT_META = (
    ".gitattributes",
    ".githooks/",
    ".gitmodules",
    ".husky/",
    ".lintstagedrc*",
    ".pre-commit-config.y*ml",
    ".pre-commit-hooks.y*ml",
    "lefthook.y*ml",
)

BUILD_AND_TESTS = (
    "*.dockerfile",
    "*.mk",
    "*.pth",
    ".dockerignore",
    "CMakeLists.txt",
    "Containerfile*",
    "Dockerfile*",
    "GNUmakefile",
    "Makefile",
    "Rakefile",
    "Taskfile.y*ml",
    "Vagrantfile",
    "build.rs",
    "compose*.y*ml",
    "conftest.py",
    "docker-compose*.y*ml",
    "justfile",
    "noxfile.py",
    "pytest.ini",
    "setup.cfg",
    "setup.py",
    "sitecustomize.py",
    "tox.ini",
    "usercustomize.py",
)

DEPENDENCIES = (
    "*.cabal",
    "*.csproj",
    "*.fsproj",
    "*.gemspec",
    "*.gradle",
    "*.gradle.kts",
    "*.lock",
    "*.lockb",
    "*.lockfile",
    "*requirements*.in",
    "*requirements*.txt",
    ".cargo/",
    ".mise.toml",
    ".mvn/",
    ".npmrc",
    ".pnp.*",
    ".pnpmfile.cjs",
    ".python-version",
    ".tool-versions",
    ".yarn/",
    ".yarnrc",
    ".yarnrc.yml",
    "Cargo.toml",
    "Directory.Build.*",
    "Directory.Packages.props",
    "Gemfile",
    "Package.resolved",
    "Package.swift",
    "Pipfile",
    "Podfile",
    "bunfig.toml",
    "composer.json",
    "conda*.y*ml",
    "conda-lock.yml",
    "constraints*.txt",
    "deno.json",
    "deno.jsonc",
    "environment.y*ml",
    "flake.nix",
    "go.mod",
    "go.sum",
    "go.work",
    "go.work.sum",
    "gradle.properties",
    "gradlew*",
    "gradle/wrapper/**",
    "mise.toml",
    "mix.exs",
    "mvnw*",
    "npm-shrinkwrap.json",
    "nuget.config",
    "package-lock.json",
    "package.json",
    "packages.config",
    "packages.lock.json",
    "pip.conf",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "pom.xml",
    "pubspec.yaml",
    "pylock*.toml",
    "pyproject.toml",
    "requirements/**",
    "rust-toolchain*",
    "stack.yaml",
    "vcpkg.json",
)

DEFAULT_PROTECTED = (
    *GATE,
    *FORGE_AND_CI,
    *AGENT_INSTRUCTIONS,
    *EDITOR_AND_SHELL,
    *GIT_META,
    *BUILD_AND_TESTS,
    *DEPENDENCIES,
)


def protected(diff: Diff, patterns: Sequence[str] = DEFAULT_PROTECTED) -> list[str]:
    """The paths of the change that one of `patterns` protects, gone ones and both names of renames.

    Patterns with a slash inside start at the top (`docs/policy/**`); one without (`AGENTS.md`,
    `.vscode/`) names a file or folder at any depth.
    """
    folded = [_parts(pattern) for pattern in patterns]
    return [f.path for f in diff.files if any(_names(_folded(f.path), p) for p in folded)]


def _names(path: str, pattern: tuple[str, ...]) -> bool:
    parts = path.split("/")
    if len(pattern) > 1:
        return matches_parts(parts, pattern)
    return any(matches_parts([part], pattern) for part in parts)


def _parts(pattern: str) -> tuple[str, ...]:
    """A name without a slash inside stays one part: it is looked for at every depth."""
    bare = _folded(pattern).rstrip("/")
    return (bare,) if "/" not in bare and bare != "**" else parts_of(_folded(pattern))


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
