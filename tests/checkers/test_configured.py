"""Which tools a repository configures."""

from pathlib import Path

import pytest

from shared.checkers.configured import configures_ruff, configures_ruff_format, mypy_config
from tests.checkers.trees import write


@pytest.mark.parametrize(
    ("files", "configured"),
    [
        ({}, False),
        ({"pyproject.toml": "[project]\nname='a'\n"}, False),
        ({"pyproject.toml": "[tool.ruff]\n"}, True),
        ({"pyproject.toml": "not toml ["}, False),
        ({"below/deep/ruff.toml": ""}, True),
        ({".ruff.toml": ""}, True),
        ({".git/ruff.toml": ""}, False),
    ],
)
def test_ruff_is_configured_anywhere_in_the_tree(
    tmp_path: Path, files: dict[str, str], configured: bool
) -> None:
    assert configures_ruff(write(tmp_path, files)) is configured


@pytest.mark.parametrize(
    ("files", "configured"),
    [
        ({"pyproject.toml": "[tool.ruff]\nline-length = 80\n"}, False),
        ({"pyproject.toml": "[tool.ruff.format]\n"}, True),
        ({"ruff.toml": "[format]\n"}, True),
    ],
)
def test_the_formatter_is_wanted_where_it_has_a_section(
    tmp_path: Path, files: dict[str, str], configured: bool
) -> None:
    assert configures_ruff_format(write(tmp_path, files)) is configured


@pytest.mark.parametrize(
    ("files", "config"),
    [
        ({}, None),
        ({"pyproject.toml": "[tool.ruff]\n"}, None),
        ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, ("pyproject.toml", False)),
        ({"pyproject.toml": "[tool.mypy]\npackages = ['a']\n"}, ("pyproject.toml", True)),
        ({"setup.cfg": "[mypy]\nfiles = a.py\n"}, ("setup.cfg", True)),
        ({"setup.cfg": "[metadata]\nname = a\n"}, None),
        ({"setup.cfg": "no section\n"}, None),
        ({"mypy.ini": "[mypy]\n", "pyproject.toml": "[tool.mypy]\n"}, ("mypy.ini", False)),
        ({"mypy.ini": "[mypy]\nx = %(y)s\n"}, ("mypy.ini", False)),
    ],
)
def test_mypys_configuration_is_found_in_mypys_own_order(
    tmp_path: Path, files: dict[str, str], config: tuple[str, bool] | None
) -> None:
    assert mypy_config(write(tmp_path, files)) == config


def test_a_configuration_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"mypy.ini": "[mypy]\n"})
    inside = write(tmp_path / "inside", {"a.py": ""})
    (inside / "mypy.ini").symlink_to(outside / "mypy.ini")
    assert mypy_config(inside) is None
