"""`python -m app.documents` compares the documents that are made from the code with the code; `--fix` writes them."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from app.messages import verbs as messages
from app.setup.environment import ROOT
from projections.catalogue import catalogue
from web.http.rendering import environment


def events() -> str:
    return environment({}, {}, {}).get_template("catalogue/events.md").render(events=catalogue())


DOCUMENTS: Final[Mapping[Path, Callable[[], str]]] = {ROOT / "docs" / "events.md": events}


def outdated() -> list[Path]:
    return [
        path for path, made in DOCUMENTS.items() if not path.exists() or path.read_text("utf-8") != made()
    ]


def main(arguments: list[str]) -> int:
    found = outdated()
    for path in found:
        name = path.relative_to(ROOT).as_posix()
        if "--fix" in arguments:
            path.write_text(DOCUMENTS[path](), encoding="utf-8")
            print(messages.document_written(name))
        else:
            print(messages.document_outdated(name))
    return 1 if found and "--fix" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
