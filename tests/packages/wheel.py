"""`gatefleet-messages` built from what a clone has, and environments in which it is installed."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import Distribution, distribution, version
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.services_at_hand import missing

SETUPTOOLS = 80
SOURCES = ("packages/gatefleet-messages", "shared/messages", "shared/errors.py", "LICENSE")
"""All that the wheel is built from."""
LEFT_OUT = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
IN_A_WHEEL = (
    "pydantic",
    "pydantic-core",
    "annotated-types",
    "typing-extensions",
    "typing-inspection",
)
"""pydantic, and what it needs."""


def clone(folder: Path) -> Path:
    """The package's folder in a tree that has its sources and nothing else."""
    copied(folder, SOURCES)
    return folder / "packages/gatefleet-messages"


def copied(folder: Path, names: Sequence[str]) -> None:
    """Files and folders of the checkout, at the same places below `folder`."""
    for name in names:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=LEFT_OUT)
        else:
            shutil.copy(source, target)


def wheel(package: Path, folder: Path) -> Path:
    """The wheel of a folder or of a source distribution, built without a network."""
    if int(version("setuptools").split(".")[0]) < SETUPTOOLS:
        missing(f"setuptools {SETUPTOOLS} (make check installs it)")
    pip("wheel", "--no-build-isolation", "--no-deps", "--no-cache-dir", "-w", str(folder),
        str(package))  # fmt: skip
    [made] = folder.glob("*.whl")
    return made


def source_distribution(package: Path, folder: Path) -> Path:
    """The archive that is built in a package's folder."""
    code = f"from setuptools.build_meta import build_sdist; build_sdist({str(folder)!r})"
    run([sys.executable, "-c", code], package)
    [made] = folder.glob("*.tar.gz")
    return made


def contents(made: Path) -> dict[str, str]:
    """The files of a wheel with their texts; the list of them is left out."""
    with zipfile.ZipFile(made) as archive:
        return {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if not name.endswith("RECORD")
        }


def installed(made: Path, folder: Path) -> Path:
    """A folder for the search path that holds the wheel alone."""
    pip("install", "--no-deps", "--no-cache-dir", "--target", str(folder), str(made))
    return folder


def environment(folder: Path) -> Path:
    """The Python of a fresh environment in which nothing but pydantic is installed."""
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)], folder.parent)
    [site] = folder.glob("lib/python*/site-packages")
    for name in IN_A_WHEEL:
        _copy(distribution(name), site)
    return folder / "bin/python"


def pip(command: str, *arguments: str, python: Path | None = None) -> None:
    """Call pip, with no index to ask; `python`: of the environment that it works on."""
    of = ["--python", str(python)] if python else []
    quiet = ["--quiet", "--disable-pip-version-check"]
    run([sys.executable, "-m", "pip", *of, command, *quiet, "--no-index", *arguments], ROOT)


def run(command: list[str], folder: Path) -> str:
    """What it prints; a failure is told with all that it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _copy(found: Distribution, site: Path) -> None:
    for file in found.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = site / Path(*file.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target)
