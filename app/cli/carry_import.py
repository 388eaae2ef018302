"""`daybook carry-import ID`: carries out an import that was started on a page (`importing.importer`)."""

import argparse

from app.cli.verb import Verb, with_data
from app.settings import load


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("import_id", metavar="ID", help="the id of the import")
    parser.add_argument("run", metavar="RUN", help="which start of it: `started_by` of the event")
    parser.add_argument(
        "--parent", metavar="PID", type=int, required=True, help="the process that started it"
    )


def run(arguments: argparse.Namespace) -> int:
    from uuid import UUID

    from app.importing.verb import carry_import

    return carry_import(load(arguments), UUID(arguments.import_id), UUID(arguments.run), arguments.parent)


VERB = Verb("carry-import", "", run, (options, with_data))
