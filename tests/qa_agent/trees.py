"""A small repository with a red test, and its mend."""

from shared.messages.content import Brief

RUFF = b"[tool.ruff.lint]\nselect = ['F', 'E7']\n"
BASE: dict[bytes, bytes] = {
    b"pyproject.toml": RUFF,
    b"app.py": b"import os\n\n\ndef two():\n    return 1\n",
    b"test_app.py": b"import app\n\n\ndef test_two():\n    assert app.two() == 2\n\n\n"
    b"def test_app():\n    assert app\n",
}
MENDED = {**BASE, b"app.py": b"def two():\n    return 2\n"}
BRIEF = Brief(paths=("app.py",), rules=("F401",), tests=("test_app.py::test_two",))
