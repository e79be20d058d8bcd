"""The guard: what is not an operation opens no socket."""

import json
from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refused
from shared.forge.guard import Guard, graphql_path
from shared.forge.operations import EDITS_NAME, EDITS_QUERY, reader_operations, writer_operations
from tests.forge.never import NEVER, REVIEW
from tests.forge.scripted import ADDRESS, ROOT, Scripted

WRITES = [
    ("POST", f"{ROOT}/issues", {"title": "t", "body": "b", "labels": ["proposed"]}),
    ("POST", f"{ROOT}/issues/1/comments", {"body": "Working on it."}),
    ("POST", f"{ROOT}/pulls/1/reviews", REVIEW),
    ("PATCH", f"{ROOT}/pulls/1", {"state": "closed"}),
    ("DELETE", f"{ROOT}/issues/1/labels/approved", None),
]

MUTATIONS = (
    "mutation { mergePullRequest(input: {pullRequestId: 1}) { clientMutationId } }",
    "mutation { enablePullRequestAutoMerge(input: {pullRequestId: 1}) { clientMutationId } }",
    "mutation { enqueuePullRequest(input: {pullRequestId: 1}) { clientMutationId } }",
    "mutation { mergeBranch(input: {base: 1}) { clientMutationId } }",
    "query { viewer { login } }",
)


def guard(forge: Scripted, *, writing: bool = True) -> Guard:
    operations = writer_operations(ADDRESS) if writing else reader_operations(ADDRESS)
    return Guard(forge, address=ADDRESS, operations=operations)


def request(method: str, path: str, body: object = None, **rest: object) -> httpx.Request:
    url = httpx.URL(scheme="https", host="forge.example", raw_path=path.encode())
    headers = rest.get("headers", {})
    assert isinstance(headers, Mapping)
    if body is None:
        return httpx.Request(method, url, headers=headers)
    return httpx.Request(method, url, json=body, headers=headers)


@pytest.mark.parametrize(("method", "path", "body"), NEVER)
async def test_i14_what_may_never_be_done_is_refused_before_any_socket(
    method: str, path: str, body: object
) -> None:
    forge = Scripted()

    with pytest.raises(Refused, match=r"^octo/hello: .* is not an operation"):
        await guard(forge).handle_async_request(request(method, path, body))

    assert forge.seen == []


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_i18_a_reader_cannot_send_what_a_writer_can(
    method: str, path: str, body: object
) -> None:
    forge = Scripted()

    await guard(forge).handle_async_request(request(method, path, body))
    with pytest.raises(Refused):
        await guard(forge, writing=False).handle_async_request(request(method, path, body))

    assert forge.calls == [f"{method} {httpx.URL(path).path}"]


@pytest.mark.parametrize(
    "header",
    [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Host",
        "Transfer-Encoding",
        "Content-Encoding",
    ],
)
async def test_i14_no_header_can_make_another_request_of_it(header: str) -> None:
    forge = Scripted()

    with pytest.raises(Refused, match="header"):
        await guard(forge).handle_async_request(
            request("GET", f"{ROOT}/pulls/1", headers={header: "PUT"})
        )

    assert forge.seen == []


async def test_i14_no_query_can_make_another_request_of_it() -> None:
    forge = Scripted()
    for query in ("_method=PUT", "state=open&state=closed", "access_token=x"):
        with pytest.raises(Refused, match="query"):
            await guard(forge).handle_async_request(request("GET", f"{ROOT}/pulls?{query}"))

    assert forge.seen == []


async def test_i14_no_transport_option_can_name_another_target() -> None:
    forge = Scripted()
    sent = request("GET", f"{ROOT}/pulls/1")
    sent.extensions = {"target": f"{ROOT}/pulls/1/merge".encode()}

    with pytest.raises(Refused, match="transport option"):
        await guard(forge).handle_async_request(sent)

    assert forge.seen == []


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example{ROOT}/pulls/1",
        f"http://forge.example{ROOT}/pulls/1",
        f"https://forge.example:8443{ROOT}/pulls/1",
        f"https://me@forge.example{ROOT}/pulls/1",
    ],
)
async def test_the_token_goes_to_no_other_host(url: str) -> None:
    forge = Scripted()

    with pytest.raises(Refused, match="another host"):
        await guard(forge).handle_async_request(httpx.Request("GET", url))

    assert forge.seen == []


@pytest.mark.parametrize("query", MUTATIONS)
@pytest.mark.parametrize("writing", [True, False])
async def test_i14_graphql_is_one_fixed_query(query: str, writing: bool) -> None:
    forge = Scripted()
    variables: dict[str, object] = {"owner": "octo", "name": "hello", "number": 1}
    fixed = {"query": EDITS_QUERY, "operationName": EDITS_NAME, "variables": variables}
    others = [
        {**fixed, "query": query},
        {**fixed, "query": EDITS_QUERY + query},
        {**fixed, "operationName": "Other"},
        {**fixed, "variables": {**variables, "name": "other"}},
        {**fixed, "extensions": {}},
        [fixed],
    ]

    await guard(forge, writing=writing).handle_async_request(request("POST", "/graphql", fixed))
    for other in others:
        with pytest.raises(Refused, match="body"):
            await guard(forge, writing=writing).handle_async_request(
                request("POST", "/graphql", other)
            )

    assert len(forge.seen) == 1


async def test_i14_a_body_must_be_json_and_say_so() -> None:
    forge = Scripted()
    url = f"https://forge.example{ROOT}/pulls/1"
    body = json.dumps({"state": "closed"}).encode()
    twice = b'{"state": "closed", "state": "open"}'
    deep = b"[" * 100_000
    for content, kind in (
        (body, "application/x-www-form-urlencoded"),
        (body, None),
        (twice, "application/json"),
        (deep, "application/json"),
        (b"", "application/json"),
    ):
        headers = {"Content-Type": kind} if kind else {}
        sent = httpx.Request("PATCH", url, content=content, headers=headers)
        with pytest.raises(Refused, match="body"):
            await guard(forge).handle_async_request(sent)

    assert forge.seen == []


def _encode(text: str, at: int) -> str:
    index = at % len(text)
    return f"{text[:index]}%{ord(text[index]):02x}{text[index + 1 :]}"


_TRICKS = st.sampled_from(
    [
        lambda path, at: _encode(path, at),
        lambda path, at: _encode(_encode(path, at), at),
        lambda path, at: path.replace("/", "//", 1 + at % 3),
        lambda path, at: path.replace("/pulls/", f"/pulls/{at}/../", 1),
        lambda path, at: path.replace("/repos/", "/repos/x/%2e%2e/", 1),
        lambda path, at: path.replace("/repos/", "/./repos/", 1),
        lambda path, at: path + "/",
        lambda path, at: path + "?x=1",
        lambda path, at: path + "#x",
        lambda path, at: path + ";x=1",
        lambda path, at: path + "%00",
        lambda path, at: path + ".json",
        lambda path, at: path.upper(),
        lambda path, at: path.swapcase(),
        lambda path, at: path.replace("/", "%2F", 1 + at % 6),
        lambda path, at: path.replace("/", "%5C", 1 + at % 6),
        lambda path, at: path.replace("/", "\\", 1 + at % 6),
        lambda path, at: f"{ROOT}/labels/x%2F..%2F..%2Fpulls%2F1%2Fmerge",
        lambda path, at: f"{ROOT}/issues/1/labels/%2E%2E/%2E%2E/%2E%2E/pulls/1/merge",
        lambda path, at: f"{ROOT}/contents/..%2Fpulls/1/merge",
    ]
)
_FORBIDDEN = st.sampled_from([(method, path) for method, path, _ in NEVER if "stop" not in path])


@given(
    _FORBIDDEN,
    st.lists(st.tuples(_TRICKS, st.integers(0, 60)), min_size=1, max_size=3),
    st.sampled_from(["keep", "lower"]),
)
def test_i14_no_spelling_of_a_path_gets_past_the_guard(
    forbidden: tuple[str, str], tricks: list[tuple[object, int]], case: str
) -> None:
    method, path = forbidden
    for trick, at in tricks:
        assert callable(trick)
        path = trick(path, at)
    try:
        sent = request(method, path)
    except httpx.InvalidURL:
        return
    sent.method = method.lower() if case == "lower" else method

    assert guard(Scripted()).objection(sent, b"") is not None


def test_enterprise_serves_graphql_beside_the_rest_api() -> None:
    enterprise = replace(ADDRESS, base_url="https://forge.example/api/v3")
    held = Guard(Scripted(), address=enterprise, operations=reader_operations(enterprise))

    assert graphql_path("https://forge.example/api/v3") == "/api/graphql"
    assert graphql_path("https://api.forge.example") == "/graphql"
    assert held.objection(request("GET", f"/api/v3{ROOT}"), b"") is None
    assert held.objection(request("GET", ROOT), b"") is not None
    assert held.objection(request("GET", f"/api/v3x{ROOT}"), b"") is not None
