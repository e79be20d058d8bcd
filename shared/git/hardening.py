"""The environment and the configuration that every git process of ours runs with.

Everything goes through the environment: what is in an argument list is visible to every user of the
machine. Configuration given this way also outranks what a repository's own `config` file says, so
hooks, fsmonitor, signing and automatic maintenance stay off wherever git is pointed.
"""

import base64
import os
from collections.abc import Mapping

# What a machine needs to reach the outside at all. Nothing else of the caller's environment passes.
PASSED_ON = (
    "PATH",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
)

_FIXED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ALLOW_PROTOCOL": "file:http:https",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}

CONFIG = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.quotePath": "false",
    "core.precomposeUnicode": "false",
    "core.autocrlf": "false",
    "core.fileMode": "true",
    "core.symlinks": "true",
    "core.askPass": "",
    "core.sshCommand": "false",
    "core.alternateRefsCommand": "true",
    # Larger blobs are streamed, so that a hostile one does not have to fit in memory.
    "core.bigFileThreshold": "32m",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
    "push.followTags": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    # Nothing may be running in the background, or be pruned, after a call has returned.
    "gc.auto": "0",
    "maintenance.auto": "false",
    # A redirect would carry the credential to whatever host it names.
    "http.followRedirects": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showSignature": "false",
    "safe.bareRepository": "explicit",
}


def environment(
    extra: Mapping[str, str] | None = None, *, config: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The whole environment of one git process; `config` comes after ours and wins over it."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    settings = [*CONFIG.items(), *(config or {}).items()]
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        numbered[f"GIT_CONFIG_KEY_{number}"] = key
        numbered[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**passed, **_FIXED, **numbered, **(extra or {})}


def credential(token: str | None) -> dict[str, str]:
    """The configuration that makes HTTP requests carry `token`; empty without one."""
    if token is None:
        return {}
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {"http.extraHeader": f"Authorization: Basic {basic}"}
