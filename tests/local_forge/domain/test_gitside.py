"""Who may do what with a repository over git."""

from services.local_forge.git.facts import GitGrant
from tests.local_forge.place import Place, body_of_refs


async def _grant(place: Place, token: str | None, service: str = "git-receive-pack") -> GitGrant:
    return await place.forge.gitside.authorise("octo", "hello", token, service)


async def test_i15_the_default_branch_changes_by_pull_request_for_everybody(place: Place) -> None:
    await place.push("topic", {"x.py": "X = 1\n"})

    for name in ("you", "fleet"):
        grant = await _grant(place, place.forge.token(name))
        assert (grant.may_write, grant.protected) == (True, frozenset({"main"}))


async def test_the_read_only_token_clones_and_does_not_push(place: Place) -> None:
    grant = await _grant(place, place.forge.token("reader"))

    assert (grant.may_read, grant.may_write) == (True, False)


async def test_a_wrong_token_is_nobody_and_no_token_reads_what_is_public(place: Place) -> None:
    wrong = await _grant(place, "lf_wrong", "git-upload-pack")
    none = await _grant(place, None, "git-upload-pack")

    assert (wrong.login, wrong.may_read) == (None, False)
    assert (none.login, none.may_read, none.may_write) == (None, True, False)


async def test_an_unknown_repository_is_not_readable(place: Place) -> None:
    grant = await place.forge.gitside.authorise(
        "octo", "other", place.forge.token("you"), "git-upload-pack"
    )

    assert (grant.login, grant.may_read, grant.may_write) == ("you", False, False)


async def test_a_push_is_in_the_write_log_ref_by_ref(place: Place) -> None:
    main = await place.forge.repositories.git(place.repo).head("main")
    new = await place.push("topic", {"x.py": "X = 1\n"})

    (write,) = place.forge.write_log
    assert str(write) == "gatefleet[bot] PUSH /octo/hello.git/refs/heads/topic 200"
    assert write.body == body_of_refs("0" * 40, new)
    assert main != new
