"""What gate 2 says in the tests of the gatekeeper, in its tables and on the forge."""

from tests.gatekeeper.acting import Acting


async def values(act: Acting) -> dict[str, str]:
    return {each.name: each.value for each in (await act.pull()).inputs}


async def closed_by(act: Acting) -> list[str]:
    return [name for name, value in (await values(act)).items() if value != "pass"]


async def gate(act: Acting, sha: str) -> str | None:
    """What the check `gatefleet/gate` says on a SHA: a conclusion, or its status before that."""
    checks = [each for each in await act.world.reader.checks(sha) if each.name == "gatefleet/gate"]
    newest = max(checks, key=lambda each: each.id, default=None)
    return None if newest is None else newest.conclusion or newest.status
