"""What a shell completes beside commands and options."""


def complete_topic(incomplete: str) -> list[str]:
    """Topics of the catalogue that begin so."""
    from shared.messages import CATALOGUE

    known = [topic for topic in CATALOGUE if "#" not in topic]
    return [topic for topic in ("custom.propose", *known) if topic.startswith(incomplete)]
