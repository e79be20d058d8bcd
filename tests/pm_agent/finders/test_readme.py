"""What a README lacks."""

from pathlib import Path

import pytest

from services.pm_agent.finders import readme
from tests.pm_agent.findings import grouped, tree

WHOLE = "# It\n\n## Install\n\n## Usage\n\n## Running the tests\n\n## License\n"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (WHOLE, set()),
        ("# It\n## Getting started\n## Contributing\nLicensed under MIT.\n", set()),
        (
            "It\n==\n\nInstalling\n----------\n\nExamples\n--------\n\nTesting\n-------\n\nLicence\n---\n",
            set(),
        ),
        ("= It\n\n== Setup\n\n== How to use\n\n== Tests\n\n== License\n", set()),
        ("# It\n## Install\n", {"usage", "tests", "licence"}),
        ("# It\n```\n## Install\n## Usage\n```\n## Tests\n## License\n", {"install", "usage"}),
        ("", {"install", "usage", "tests", "licence"}),
    ],
)
async def test_a_part_is_there_if_a_heading_says_so(
    tmp_path: Path, text: str, missing: set[str]
) -> None:
    found = await readme.find(tree(tmp_path, {"README.md": text}))
    assert {one.rule for one in found} == missing


async def test_all_missing_parts_are_one_issue(tmp_path: Path) -> None:
    found = await readme.find(tree(tmp_path, {"readme.rst": "It\n==\n\nTests\n-----\n"}))
    (candidate,) = grouped(*found)
    assert candidate.proposal.title == (
        "Say in `readme.rst` how to install it, under which licence it may be used and how to use it"
    )
    assert len(candidate.proposal.criteria) == 3


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        ("[x](docs/there.md)", False),
        ("[x](docs/there.md#part)", False),
        ("[x](./docs/there.md?plain=1 'title')", False),
        ("[x](/docs/there.md)", False),
        ("[x](docs)", False),
        ("[x](docs/a%20b.md)", False),
        ("[x](<docs/there.md>)", False),
        ("[x](https://example.org/gone)", False),
        ("[x](mailto:a@example.org)", False),
        ("[x](#part)", False),
        ("[x](../outside.md)", False),
        ("`[x](gone.md)`", False),
        ("```\n[x](gone.md)\n```", False),
        ("[x](gone.md)", True),
        ("![x](docs/gone.png)", True),
    ],
)
async def test_a_link_is_dead_if_its_file_is_not_there(
    tmp_path: Path, link: str, dead: bool
) -> None:
    files = {"README.md": f"{WHOLE}\n{link}\n", "docs/there.md": "", "docs/a b.md": ""}
    found = await readme.find(tree(tmp_path, files))
    assert [one.rule for one in found] == [readme.DEAD_LINK] * dead


async def test_a_repository_without_readme_gets_one_issue(tmp_path: Path) -> None:
    found = await readme.find(tree(tmp_path, {"a.py": "", "docs/README.md": ""}))
    (candidate,) = grouped(*found)
    assert candidate.proposal.title == "Write a README"
    assert candidate.proposal.paths == ("README.md",)
    assert "a.py, docs" in candidate.proposal.evidence


async def test_an_empty_repository_is_asked_for_nothing(tmp_path: Path) -> None:
    assert await readme.find(tree(tmp_path, {})) == []


async def test_a_readme_that_is_no_text_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"\xff\xfe")
    seen = tree(tmp_path, {})
    assert await readme.find(seen) == []
    assert seen.lines == ["readme: README.md is not UTF-8 text, or larger than 512 KiB"]
