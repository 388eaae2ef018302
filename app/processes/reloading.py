"""`up --reload`: a changed module restarts only the parts that import it.

A changed template or static file restarts the web processes. Pages notice that and reload. Events are not
lost: they are in the log.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

import grimp
from watchfiles import DefaultFilter, awatch

from app.messages import running as messages
from app.processes.children import say
from app.setup.environment import NODE, PACKAGES, ROOT

FOLDERS: Final = ("domain", "commands", "eventstore", "projections", "reactors", "web", "app")
ROOTS: Final[Mapping[str, str]] = {
    "projector": "app.processes.projector",
    "reactor": "app.processes.reactor",
    "web": "app.processes.web",
    "demo": "app.demo.process",
    "node": "esdbnode.__main__",
}
"""The module in which each part that is written in Python begins."""
PAGES: Final = (ROOT / "templates", ROOT / "static")


async def reload_changed(restart: Callable[[str, str], None]) -> None:
    """Calls `restart(part, reason)` for each part that a change affects, until cancelled.

    All web processes that a change restarts get the same new DAYBOOK_RELOAD, by which open pages notice it.
    """
    folders = [*(ROOT / name for name in FOLDERS), NODE / "src", *PAGES]
    say(messages.watching(len(folders)))
    async for changes in awatch(*folders, watch_filter=DefaultFilter(ignore_dirs=("vendor", "__pycache__"))):
        paths = sorted(Path(path) for _, path in changes)
        parts = concerned(paths)
        if "web" in parts:
            os.environ["DAYBOOK_RELOAD"] = uuid4().hex
        for part in parts:
            restart(part, messages.file_changed(str(paths[0].relative_to(ROOT))))


def concerned(paths: Iterable[Path]) -> list[str]:
    """The parts that use any of `paths`."""
    modules = {module for path in paths for module in modules_of(path)}
    in_pages = any(path.is_relative_to(folder) for path in paths for folder in PAGES)
    used = users(modules) if modules else set()
    return sorted(used | {"web"} if in_pages else used)


def modules_of(path: Path) -> Iterator[str]:
    """The module whose source is `path`; for another file, for example a Lua script, the package of the file."""
    for root in PACKAGES:
        if path.is_relative_to(root) and not any(path.is_relative_to(folder) for folder in PAGES):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" or path.suffix != ".py" else parts)


def users(modules: Collection[str]) -> set[str]:
    """The parts that import any of `modules`, directly or not, as the sources are now."""
    graph = grimp.build_graph(*FOLDERS, "esdbnode")
    return {
        part
        for part, root in ROOTS.items()
        if {root, *graph.find_upstream_modules(root)} & _with_children(modules, graph.modules)
    }


def _with_children(modules: Collection[str], known: Collection[str]) -> set[str]:
    """A package means all modules in it, because the changed file may be one that any of them reads."""
    return {name for name in known if any(name == one or name.startswith(f"{one}.") for one in modules)}
