"""Does a symbolic link of a tree stay inside it? Decided from the tree, before a byte is written."""

from collections.abc import Mapping

_MOST_HOPS = 40  # the kernel's own limit


def stays_inside(path: str, links: Mapping[str, str]) -> bool:
    """True when following the link at `path` never leaves the tree.

    `links` maps every link of the tree to its target. Other links on the way are followed as the
    kernel would: normalising the text alone calls `a/../..` safe although `a` leads elsewhere.
    """
    pending = path.split("/")[::-1]
    here: list[str] = []
    hops = 0
    while pending:
        step = pending.pop()
        if step in ("", "."):
            continue
        if step == "..":
            if not here:
                return False
            here.pop()
            continue
        target = links.get("/".join([*here, step]))
        if target is None:
            here.append(step)
            continue
        hops += 1
        if target.startswith("/") or hops > _MOST_HOPS:
            return False
        pending.extend(target.split("/")[::-1])
    return True
