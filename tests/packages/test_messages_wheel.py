"""The second wheel holds the messages, whole and alone: it needs pydantic and nothing of the rest."""

import json
import tomllib
from pathlib import Path

import pytest

from shared.messages import CATALOGUE, said_when
from shared.messages.examples import examples
from tests.architecture.sources import ROOT
from tests.messages.write_golden import FOLDER
from tests.packages.wheel import (
    clone,
    contents,
    environment,
    installed,
    pip,
    run,
    source_distribution,
    wheel,
)

PACKAGE = ROOT / "packages/gatefleet-messages"
MODULES = [*sorted(path.stem for path in (ROOT / "shared/messages").glob("*.py")), "errors"]
TELL = """
import importlib, importlib.util, json, pkgutil, sys
from pathlib import Path
import gatefleet_messages as here
modules = sorted(module.name for module in pkgutil.iter_modules(here.__path__))
for module in modules:
    importlib.import_module(f"gatefleet_messages.{module}")
golden = {
    path.stem: json.loads(here.read(path.stem, path.read_bytes()).model_dump_json())
    for path in Path(sys.argv[1]).glob("*.json")
}
catalogue = {
    topic: [kind.__name__, here.said_when(kind), kind.model_json_schema()]
    for topic, kind in here.CATALOGUE.items()
}
absent = [name for name in ("shared", "services", "aio_pika", "sqlalchemy", "structlog")
          if importlib.util.find_spec(name) is None]
print(json.dumps([modules, golden, catalogue, absent]))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, from a clone."""
    folder = tmp_path_factory.mktemp("wheel")
    return wheel(clone(folder / "clone"), folder / "out")


def test_with_pydantic_alone_it_reads_what_the_product_reads(made: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    pip("install", "--no-cache-dir", str(made), python=python)  # fails where more is needed
    told = run([str(python), "-W", "error", "-c", TELL, str(FOLDER)], tmp_path)
    modules, golden, catalogue, absent = json.loads(told)
    assert modules == sorted(set(MODULES) - {"__init__"})
    assert set(golden) == set(examples())
    assert golden == {
        topic: json.loads(message.model_dump_json()) for topic, message in examples().items()
    }
    assert catalogue == json.loads(json.dumps({
        topic: [kind.__name__, said_when(kind), kind.model_json_schema()]
        for topic, kind in CATALOGUE.items()
    }))  # fmt: skip
    assert absent == ["shared", "services", "aio_pika", "sqlalchemy", "structlog"]


def test_a_source_distribution_gives_the_same_wheel(made: Path, tmp_path: Path) -> None:
    archive = source_distribution(clone(tmp_path / "clone"), tmp_path / "out")
    again = wheel(archive, tmp_path / "again")
    assert contents(again) == contents(made)


def test_what_left_the_folder_leaves_the_wheel(tmp_path: Path) -> None:
    package = clone(tmp_path / "clone")
    extra = tmp_path / "clone/shared/messages/passing.py"
    extra.write_text('"""Here for one build."""\n')
    first = wheel(package, tmp_path / "first")
    assert "gatefleet_messages/passing.py" in contents(first)
    extra.unlink()
    assert "gatefleet_messages/passing.py" not in contents(wheel(package, tmp_path / "second"))


def test_an_import_that_would_lead_nowhere_stops_the_build(tmp_path: Path) -> None:
    package = clone(tmp_path / "clone")
    (tmp_path / "clone/shared/messages/odd.py").write_text("from shared.policy import load\n")
    with pytest.raises(AssertionError, match=r"odd\.py: imports shared\.policy"):
        wheel(package, tmp_path / "out")


def test_it_is_typed_and_says_what_it_is(made: Path, tmp_path: Path) -> None:
    site = installed(made, tmp_path / "site")
    assert (site / "gatefleet_messages/py.typed").is_file()
    found = contents(made)
    [metadata] = [text for name, text in found.items() if name.endswith("METADATA")]
    assert "Requires-Dist: pydantic<3,>=2.12" in metadata
    assert metadata.count("Requires-Dist") == 1
    assert "x-gatefleet-causation" in metadata
    assert any(name.endswith("licenses/LICENSE") for name in found)


def test_both_wheels_have_one_version() -> None:
    versions = {
        tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"]
        for folder in (ROOT, PACKAGE)
    }
    assert len(versions) == 1
