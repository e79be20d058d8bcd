"""Files and folders at a commit."""

import base64

from services.local_forge.git.facts import TreeEntry
from services.local_forge.problems import Unknown
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call
from services.local_forge.rest.commits import resolved
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.people import Json
from services.local_forge.tables import Repository

_CONTENTS = "/repos/{owner}/{repo}/contents"
_INLINE_BYTES = 1024 * 1024
_LINE = 60


def _kind(entry: TreeEntry) -> str:
    if entry.kind == "commit":
        return "submodule"
    return "symlink" if entry.mode == "120000" else "file"


def _entry_json(call: Call, repo: Repository, path: str, *, kind: str, sha: str | None) -> Json:
    ref = call.request.query_params.get("ref", repo.default_branch)
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "url": f"{call.links.api(repo, 'contents', path)}?ref={ref}",
        "html_url": call.links.page(repo, "blob", ref, path),
        "git_url": None if sha is None else call.links.api(repo, "git/blobs", sha),
        "download_url": None,
    }


def _folder(call: Call, repo: Repository, *, path: str, entries: list[TreeEntry]) -> list[Json]:
    """The direct children; a folder's own SHA is not told."""
    inside = f"{path}/" if path else ""
    found: dict[str, Json] = {}
    for entry in entries:
        if not entry.path.startswith(inside):
            continue
        name, deeper, _ = entry.path.removeprefix(inside).partition("/")
        child = f"{inside}{name}"
        if deeper:
            found.setdefault(
                child, _entry_json(call, repo, child, kind="dir", sha=None) | {"size": 0}
            )
        else:
            shown = _entry_json(call, repo, child, kind=_kind(entry), sha=entry.sha)
            found[child] = shown | {"size": entry.size or 0}
    return list(found.values())


async def at(call: Call) -> Answer:
    """A file (base64, or raw by `Accept`) or the list of a folder."""
    repo, path = call.repo(), call.params.get("path", "").strip("/")
    git = call.forge.repositories.git(repo)
    sha = await resolved(call, repo, call.request.query_params.get("ref", repo.default_branch))
    entries = await git.tree(sha)
    entry = next((one for one in entries if one.path == path), None)
    if entry is None:
        children = _folder(call, repo, path=path, entries=entries)
        if not children:
            raise Unknown
        return Answer(children)
    content = await git.read_blob(sha, path) if entry.kind == "blob" else None
    if "raw" in call.request.headers.get("accept", "") and content is not None:
        return Answer(raw=content)
    shown = _entry_json(call, repo, path, kind=_kind(entry), sha=entry.sha)
    size = len(content) if content is not None else 0
    if content is None or size > _INLINE_BYTES:
        return Answer({**shown, "size": size, "encoding": "none", "content": ""})
    text = base64.b64encode(content).decode()
    lines = "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))
    return Answer({**shown, "size": size, "encoding": "base64", "content": lines})


OPERATIONS = (
    Operation("GET", _CONTENTS, at),
    Operation("GET", f"{_CONTENTS}/", at),
    Operation("GET", f"{_CONTENTS}/{{path:path}}", at),
)
