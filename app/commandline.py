"""The command line: one table of verbs. Standard library only: bad usage is refused before any set-up.

A verb's module is imported when the verb runs; its function takes the parsed arguments and returns the exit
code (0 done, 1 refused or found wrong, 2 bad usage).
"""

import argparse
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn, cast

from esdbnode.options import with_node, with_user

Run = Callable[[argparse.Namespace], int]
Options = Callable[[argparse.ArgumentParser], None]


class Verb(NamedTuple):
    """`runs` is "module:function". A verb without `does` works, but `--help` does not list it."""

    name: str
    does: str
    runs: str
    options: Options
    with_pages: bool = False
    for_developers: bool = False

    def load(self) -> Run:
        module, _, function = self.runs.partition(":")
        return cast(Run, getattr(importlib.import_module(module), function))


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help).\n")


def with_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="data folder (DAYBOOK_DATA; default: ./var)")


def with_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="H", help="address to listen on (DAYBOOK_HOST; default: 127.0.0.1)")
    parser.add_argument("--port", metavar="P", help="port, 0 for any free one (DAYBOOK_PORT; default: 8000)")


def _up(parser: argparse.ArgumentParser) -> None:
    with_address(parser)
    with_data(parser)


def _position(text: str) -> int:
    most = 2**63 - 1
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {most}")
    return int(text)


def _node(parser: argparse.ArgumentParser) -> None:
    with_node(parser, default_data="node.sqlite in the data folder")


def _projector(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="only say whether one is at work; exit 1 when none is"
    )


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a bank's transactions; may be packed with xz")
    parser.add_argument(
        "--format", choices=("berka", "csv"), default="csv", help="csv: account,date,amount,note (default)"
    )
    parser.add_argument(
        "--currency", metavar="C", default="CZK", help="of a csv file's amounts (default: CZK)"
    )
    parser.add_argument("--json", action="store_true", help="the report as one JSON document")
    with_data(parser)


def _pytest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="PYTEST ARGS", help="handed to pytest as they are")


def _rebuild(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("projections", nargs="*", metavar="PROJECTION", help="default: all of them")
    parser.add_argument("--json", action="store_true", help="one JSON document a projection, each on a line")
    with_data(parser)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, a document a line")
    with_data(parser)


def _tail(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", metavar="T", help="only events of this type, such as MoneyDeposited")
    parser.add_argument("--stream", metavar="S", help="only this stream, such as account-42")
    parser.add_argument(
        "--from", metavar="POSITION", type=_position, dest="start", help="default: the beginning"
    )
    parser.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    _json(parser)


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")


def _nothing(parser: argparse.ArgumentParser) -> None:
    pass


VERBS = (
    Verb("up", "start everything and serve the pages", "app.up:up", _up, with_pages=True),
    Verb("test", "run the whole suite", "app.testing:test", _pytest, with_pages=True, for_developers=True),
    Verb("check", "format, lint, types, import contracts", "app.checks:check", _nothing, for_developers=True),
    Verb("node", "run only the embedded, EventStoreDB-compatible node", "app.node:node", _node),
    Verb(
        "node-user",
        "add a user of the node, password from standard input",
        "esdbnode.commandline:add_user",
        with_user,
    ),
    Verb("rebuild", "make read models anew from the log, prove them, flip", "app.rebuild:rebuild", _rebuild),
    Verb("import", "book a bank's transactions and reconcile", "app.importing.verb:import_file", _import),
    Verb("status", "each projection's generation, position and lag", "app.status:status", _json),
    Verb("tail", "show events as they are recorded", "app.tail:tail", _tail),
    Verb("verify", "compare the read models with the log", "app.verify:verify", _json),
    Verb("bench", "run the benchmarks", "app.bench:bench", _bench, with_pages=True, for_developers=True),
    Verb("servers", "", "app.up:servers", with_data),
    Verb("projector", "", "app.projector:projector", _projector),
    Verb("web", "", "app.serving:web", with_address),
)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The verb as `verb`, and its options. Exits: 2 and one sentence on bad usage, 0 after `--help`."""
    if arguments[:1] == ["test"] and not {"-h", "--help"} & set(arguments):
        verb = next(verb for verb in VERBS if verb.name == "test")
        return argparse.Namespace(verb=verb, arguments=list(arguments[1:]))
    return _parser().parse_args(arguments)


def _parser() -> Parser:
    parser = Parser(prog="daybook", description="A live, event-sourced bank ledger.", allow_abbrev=False)
    verbs = parser.add_subparsers(metavar="VERB", required=True, title="verbs")
    for verb in VERBS:
        shown: dict[str, Any] = {"help": verb.does} if verb.does else {}
        options = verbs.add_parser(verb.name, description=verb.does, allow_abbrev=False, **shown)
        verb.options(options)
        options.set_defaults(verb=verb)
    return parser
