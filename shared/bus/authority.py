"""Who may say what. The same table makes the broker's topic permissions."""

from functools import lru_cache

from shared.messages import authority

SAYS: dict[str, tuple[str, ...]] = {
    "github-ingest": ("observed",),
    "gitlab-ingest": ("observed",),
    "gatekeeper": ("gate",),
    "scheduler": ("work",),
    "pm-agent": ("draft.issue", "draft.run"),
    "dev-agent": ("draft.change", "draft.run"),
    "qa-agent": ("draft.review", "draft.run"),
    "console": (),
}
"""Beginnings of topics, in whole words. Agents share the first word: by the second, none can hand in
another's draft."""
WORDS: dict[str, frozenset[str]] = {
    name: frozenset(map(authority, beginnings)) for name, beginnings in SAYS.items()
}
"""The first words alone."""
ANYONE = "custom"


@lru_cache(maxsize=4096)
def may_say(sender: str, topic: str) -> bool:
    """Whether a message on `topic` may come from `sender`."""
    if authority(topic) == ANYONE:
        return True
    return any(topic.startswith(f"{beginning}.") for beginning in SAYS.get(sender, ()))
