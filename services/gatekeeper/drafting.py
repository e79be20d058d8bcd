"""May a draft's change be published? Judged from our own diff, by the base's policy alone.

`rejects` refuse the draft, `flags` are shown on the pull request. Both sides of a rename are in the
diff, so a protected file cannot be moved out of sight.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.git.changes import EXECUTABLE, SUBMODULE, SYMLINK, ChangedFile, Diff
from shared.git.globs import allowed, among
from shared.git.protected import DEFAULT_PROTECTED, WORKFLOWS, protected
from shared.git.secrets import Leak
from shared.messages.content import Brief, Reason
from shared.policy import Policy
from shared.snapshot import sanitise

FILE_BYTES = 1024 * 1024
PATHS_SHOWN = 5

EMPTY = "the change changes nothing"
OUT_OF_SCOPE = "outside of what the policy's `scope` allows: {paths}; leave them as they are"
OUTSIDE_BRIEF = "outside of what the issue names: {paths}; change only the issue's paths"
TOO_LARGE = (
    "{lines:,} changed lines are over the limit of {limit:,}; split the work into smaller issues"
)
TOO_MANY = (
    "{files:,} changed files are over the limit of {limit:,}; split the work into smaller issues"
)
LARGE = "{lines:,} changed lines: more than the {limit:,} that one reads with ease"
BIG_FILE = "larger than {limit:,} bytes: {paths}; leave such files out"
LINK = "symbolic links are not taken: {paths}; use plain files"
SUBMODULES = "submodules are not taken: {paths}; leave them as they are"
ODD_MODE = "not plain files: {paths}; use plain files"
WORKFLOW = "workflows of the CI are never changed by the fleet: {paths}; leave them to a person"
SECRET = "something secret stands in {paths}; remove it"  # noqa: S105 - words, not a password
BINARY = "binary files, which nobody can read here: {paths}"
RUNS = "newly executable: {paths}"
MODE = "another file mode: {paths}"
PROTECTED = "protected paths: {paths}; a person must comment `/approve-paths <head>`"


@dataclass(frozen=True)
class Verdict:
    """What is said of a change: shown (`flags`), refused (`rejects`), and its protected paths."""

    flags: tuple[Reason, ...]
    rejects: tuple[Reason, ...]
    protected: tuple[str, ...] = ()


def judge_change(
    diff: Diff, policy: Policy, *, brief: Brief | None = None, leaks: Sequence[Leak] = ()
) -> Verdict:
    """Everything there is to say against a change; without `rejects` it may be published."""
    guarded = protected(diff, (*DEFAULT_PROTECTED, *policy.protected))
    rejects = [*_limits(diff, policy), *_scope(diff, policy, brief or Brief()), *_files(diff)]
    if leaks:
        places = (f"{leak.path}:{leak.line} ({leak.kind})" for leak in leaks)
        rejects.append(_reason("secret", SECRET, places))
    flags = [*_size_flag(diff, policy), *_file_flags(diff)]
    if guarded:
        flags.append(_reason("protected", PROTECTED, guarded))
    return Verdict(tuple(flags), tuple(rejects), tuple(guarded))


def show_paths(paths: Iterable[str]) -> str:
    """At most five paths as people read them, in code spans, whatever characters their names hold."""
    every = list(paths)
    shown = ", ".join(f"`{_readable(path)}`" for path in every[:PATHS_SHOWN])
    return shown + (f" and {len(every) - PATHS_SHOWN:,} more" if len(every) > PATHS_SHOWN else "")


def _readable(path: str) -> str:
    whole = path.encode("utf-8", "backslashreplace").decode().replace("\n", "\\n")
    return sanitise(whole, "title").text.replace("`", "'")


def _reason(name: str, text: str, paths: Iterable[str]) -> Reason:
    return Reason(name=name, text=text.format(paths=show_paths(paths), limit=FILE_BYTES))


def _limits(diff: Diff, policy: Policy) -> list[Reason]:
    if not diff.files:
        return [Reason(name="empty", text=EMPTY)]
    found = []
    if diff.lines > policy.size.reject:
        text = TOO_LARGE.format(lines=diff.lines, limit=policy.size.reject)
        found.append(Reason(name="too_large", text=text))
    if len(diff.files) > policy.size.files:
        text = TOO_MANY.format(files=len(diff.files), limit=policy.size.files)
        found.append(Reason(name="too_many_files", text=text))
    return found


def _size_flag(diff: Diff, policy: Policy) -> list[Reason]:
    if policy.size.flag < diff.lines <= policy.size.reject:
        return [Reason(name="large", text=LARGE.format(lines=diff.lines, limit=policy.size.flag))]
    return []


def _scope(diff: Diff, policy: Policy, brief: Brief) -> list[Reason]:
    paths = [file.path for file in diff.files]
    scope = policy.scope
    out = [p for p in paths if not allowed(p, allow=scope.allow, deny=scope.deny)]
    beside = [p for p in paths if brief.paths and not among(p, brief.paths)]
    found = [_reason("out_of_scope", OUT_OF_SCOPE, out)] if out else []
    return found + ([_reason("outside_brief", OUTSIDE_BRIEF, beside)] if beside else [])


def _files(diff: Diff) -> list[Reason]:
    plain = ("100644", EXECUTABLE)
    special = (*plain, SYMLINK, SUBMODULE)
    kept = [file for file in diff.files if not file.gone]
    tests = (
        ("big_file", BIG_FILE, [f for f in kept if f.size_bytes > FILE_BYTES]),
        ("symlink", LINK, [f for f in kept if f.new_mode == SYMLINK]),
        ("submodule", SUBMODULES, [f for f in kept if f.new_mode == SUBMODULE]),
        ("odd_mode", ODD_MODE, [f for f in kept if f.new_mode not in special]),
    )
    found = [_reason(name, text, _paths(files)) for name, text, files in tests if files]
    workflows = protected(diff, WORKFLOWS)
    return found + ([_reason("workflow", WORKFLOW, workflows)] if workflows else [])


def _file_flags(diff: Diff) -> list[Reason]:
    runs = [f for f in diff.files if f.new_mode == EXECUTABLE != f.old_mode]
    tests = (
        ("binary", BINARY, [f for f in diff.files if f.binary]),
        ("executable", RUNS, runs),
        ("mode", MODE, [f for f in diff.files if f.mode_changed and f not in runs]),
    )
    return [_reason(name, text, _paths(files)) for name, text, files in tests if files]


def _paths(files: Iterable[ChangedFile]) -> list[str]:
    return [file.path for file in files]
