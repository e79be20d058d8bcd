"""Where something is said, and of which repository: what the command line and this folder tell."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.cli.console_client import ConsoleClient
from services.cli.publishing.checking import Triggers
from services.fleet.address import Running, find
from shared.errors import BadInput, GatefleetError, Refused
from shared.messages import Repo
from shared.policy import FILE, load, parse
from shared.runtime.holding import is_held

NOTHING_RUNS = (
    "{state}: no fleet runs here, and no broker is named; start `gatefleet up`, name its folder with "
    "--state, or give --bus amqp://…"
)
STARTING = "{state}: a fleet is starting or stopping there; try again in a moment"
NO_CONSOLE = (
    "{state}: the fleet there has no console, which is the way in; start it with `gatefleet up`"
)
NO_REPOSITORY = (
    "--repo: say of which repository, as OWNER/NAME: the git repository in this folder, if there is one, "
    "has no remote `origin` that tells"
)
NOT_A_NAME = "--repo: {given}: is no repository; write it as OWNER/NAME"
ANOTHER = "--repo: {given}: the fleet on {state} works on {repository}; name another with --state"
UNREADABLE = "--policy: {path}: cannot be read ({why}); name a policy file such as .gatefleet.yml"
_NAME = re.compile(r"([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+)")
_REMOTE = re.compile(r"[:/]([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+?)(?:\.git)?/?$")
GIT_S = 10


@dataclass(frozen=True)
class Here:
    """The git repository in a folder."""

    root: Path
    name: str
    """`owner/name` of its remote `origin`; empty: it has none that tells."""


def fleet(state: Path) -> Running:
    """The fleet that runs on a state folder, with its console. Refused when there is none."""
    running = find(state)
    if running is None:
        raise Refused((STARTING if is_held(state) else NOTHING_RUNS).format(state=state))
    if not running.console_url:
        raise Refused(NO_CONSOLE.format(state=state))
    return running


def of_fleet(given: str | None, running: Running, state: Path) -> Repo:
    """The fleet's one repository. BadInput when another is asked for. The console knows its id."""
    if given is not None and str(named(given)).casefold() != running.repository.casefold():
        raise BadInput(ANOTHER.format(given=given, state=state, repository=running.repository))
    return named(running.repository)


def on_bus(given: str | None, folder: Path) -> Repo:
    """The repository that is named, else that of the folder. Its id is the forge's, and not known."""
    if given is not None:
        return named(given)
    here = git_repository(folder)
    if here is None or not here.name:
        raise BadInput(NO_REPOSITORY)
    return named(here.name)


def named(given: str) -> Repo:
    """`owner/name`. BadInput when it is no such thing."""
    found = _NAME.fullmatch(given)
    if found is None:
        raise BadInput(NOT_A_NAME.format(given=given))
    return Repo(owner=found[1], name=found[2], id="")


def git_repository(folder: Path) -> Here | None:
    """The git repository that a folder is in; None: in none, or there is no git."""
    root = _git(folder, "rev-parse", "--show-toplevel")
    if not root:
        return None
    remote = _REMOTE.search(_git(folder, "config", "--get", "remote.origin.url"))
    return Here(Path(root), f"{remote[1]}/{remote[2]}" if remote else "")


def triggers_of_console(client: ConsoleClient) -> Triggers:
    """What the policy that the fleet goes by says of events; nothing: the scheduler will judge."""
    try:
        known = client.repository().triggers
        return load({"triggers": known}).triggers if known else {}
    except GatefleetError:  # it has heard nothing yet, or is of another version
        return {}


def triggers_of_file(path: Path) -> Triggers:
    """What a policy file says of events. BadInput when it cannot be read or is no policy."""
    try:
        return parse(path.read_bytes(), source=str(path)).triggers
    except OSError as error:
        raise BadInput(UNREADABLE.format(path=path, why=error.strerror)) from None


def triggers_here(folder: Path, repo: Repo) -> Triggers:
    """What the policy in this folder says of events, if it is that of the repository that is meant and
    can be read; it may be newer than the one on the default branch, which decides."""
    here = git_repository(folder)
    if here is None or here.name.casefold() != str(repo).casefold():
        return {}
    path = here.root / FILE
    return triggers_of_file(path) if path.is_file() else {}


def _git(folder: Path, *arguments: str) -> str:
    try:
        asked = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=GIT_S,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
