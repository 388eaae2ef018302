"""`daybook import FILE`: see app/importing."""

import argparse

from app.cli.verb import Verb, with_data


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a bank's transactions; may be compressed with xz")
    parser.add_argument(
        "--format", choices=("berka", "csv"), default="csv", help="csv: account,date,amount,note (default)"
    )
    parser.add_argument(
        "--currency", metavar="C", default="CZK", help="currency of a csv file's amounts (default: CZK)"
    )
    parser.add_argument("--check", action="store_true", help="book nothing: only say what would be booked")
    parser.add_argument(
        "--book-similar",
        action="store_true",
        help="also book lines that resemble an entry of an earlier import",
    )
    parser.add_argument(
        "--all-new",
        action="store_true",
        help="book every line of this file once, also those that the log has already",
    )
    parser.add_argument("--shorten-notes", action="store_true", help="cut notes that are too long")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    from app.importing.verb import import_file

    return import_file(arguments)


VERB = Verb("import", "book a bank's transactions and reconcile", run, (options, with_data))
