"""What an export lacks, in words."""

from shared.git.export import Exported
from shared.workspaces.naming import named

MISSING = "not in the work tree: {parts}"
SUBMODULES = "the contents of {count} submodule(s) ({names})"
LFS = "the contents of {count} file(s) kept in Git LFS ({names})"


def missing_parts(exported: Exported) -> str:
    """What people should know is not there: submodules, files in Git LFS; empty when all is."""
    known = ((SUBMODULES, exported.submodules), (LFS, exported.lfs_pointers))
    parts = [words.format(count=len(names), names=named(names)) for words, names in known if names]
    return MISSING.format(parts=" and ".join(parts)) if parts else ""
