"""Who may say which first word. The same table makes the broker's topic permissions."""

from shared.messages import authority

WORDS: dict[str, frozenset[str]] = {
    "github-ingest": frozenset({"observed"}),
    "gitlab-ingest": frozenset({"observed"}),
    "gatekeeper": frozenset({"gate"}),
    "scheduler": frozenset({"work"}),
    "pm-agent": frozenset({"draft"}),
    "dev-agent": frozenset({"draft"}),
    "qa-agent": frozenset({"draft"}),
    "console": frozenset(),
}
ANYONE = "custom"


def may_say(sender: str, topic: str) -> bool:
    """Whether a message on `topic` may come from `sender`."""
    word = authority(topic)
    return word == ANYONE or word in WORDS.get(sender, frozenset())
