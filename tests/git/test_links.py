"""Links of a tree: which of them stay inside."""

import pytest

from shared.git.links import stays_inside


@pytest.mark.parametrize(
    ("path", "links", "inside"),
    [
        ("l", {"l": "a.txt"}, True),
        ("d/l", {"d/l": "../a.txt"}, True),
        ("d/l", {"d/l": "../../a.txt"}, False),
        ("l", {"l": "/etc/shadow"}, False),
        ("l", {"l": ".."}, False),
        ("l", {"l": "."}, True),
        ("l", {"l": "./a//b/./c"}, True),
        ("l", {"l": "nowhere"}, True),
        ("a", {"a": "b", "b": "a"}, False),
        ("a", {"a": "a"}, False),
        ("d/l", {"d/l": "..", "x": "d/l/.."}, True),
        ("x", {"d/l": "..", "x": "d/l/.."}, False),
        # Normalising the text calls this one `deep`; the kernel ends outside.
        ("l", {"deep/er/up": "..", "l": "deep/er/up/../.."}, False),
        ("l", {"far": "a/b/c", "l": "far/../../.."}, True),
        ("l", {"far": "a/b/c", "l": "far/../../../.."}, False),
    ],
)
def test_a_link_is_followed_as_the_kernel_would(
    path: str, links: dict[str, str], inside: bool
) -> None:
    assert stays_inside(path, links) is inside
