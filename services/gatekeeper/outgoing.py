"""Nothing secret leaves in what agents write for people either (I-48)."""

from collections.abc import Mapping, Sequence

from services.gatekeeper.drafting import show_paths
from shared.git.secrets import scan
from shared.messages.content import Reason

SECRET = "something secret stands in what the agent wrote: {places}; leave it out"  # noqa: S105 - words


def leaked(texts: Mapping[str, str], secrets: Sequence[bytes]) -> Reason | None:
    """Why these texts (what people call each → the text) may not be published; None: they may."""
    found = scan({name: text.encode() for name, text in texts.items()}, secrets)
    if not found:
        return None
    places = show_paths(dict.fromkeys(f"{leak.path}:{leak.line} ({leak.kind})" for leak in found))
    return Reason(name="secret", text=SECRET.format(places=places))
