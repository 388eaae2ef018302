"""Every verb, in the order of `--help`, and the parser made of them."""

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from app.cli import (
    account,
    bench,
    carry_import,
    check,
    demo,
    import_file,
    keys,
    lock,
    mutate,
    node,
    node_user,
    parked,
    projector,
    reactor,
    rebuild,
    servers,
    status,
    tail,
    test,
    test_from,
    trace,
    transfer,
    up,
    user,
    verify,
    web,
)
from app.cli.verb import Verb
from app.messages import verbs as messages
from domain.quoting import shortened

VERBS: Final[tuple[Verb, ...]] = (
    up.VERB,
    web.VERB,
    projector.VERB,
    reactor.VERB,
    node.VERB,
    node_user.VERB,
    import_file.VERB,
    account.VERB,
    transfer.VERB,
    rebuild.VERB,
    status.VERB,
    parked.VERB,
    tail.VERB,
    trace.VERB,
    verify.VERB,
    user.VERB,
    keys.VERB,
    test_from.VERB,
    test.VERB,
    check.VERB,
    lock.VERB,
    mutate.VERB,
    bench.VERB,
    demo.VERB,
    servers.VERB,
    carry_import.VERB,
)

_NAMES: Final = frozenset(verb.name for verb in VERBS)
_LISTED: Final = tuple(verb.name for verb in VERBS if verb.does)
_LONGEST: Final = 600
"""Characters of a message on bad usage: all verbs may be in it."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, messages.bad_usage(self.prog, _brief(message)) + "\n")


def _brief(message: str) -> str:
    """argparse repeats what was typed, however long it is."""
    return shortened(re.sub(r"[^\s']{81,}", lambda word: shortened(word[0]), message), _LONGEST)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The verb as `verb`, and its options. Exits: 2 and one sentence on bad usage, 0 after `--help`."""
    if arguments[:1] == [test.VERB.name] and not {"-h", "--help"} & set(arguments):
        return argparse.Namespace(verb=test.VERB, arguments=list(arguments[1:]))
    parser = _parser()
    if arguments and not arguments[0].startswith("-") and arguments[0] not in _NAMES:
        parser.error(_unknown(arguments[0]))
    return parser.parse_args(arguments)


def _unknown(verb: str) -> str:
    similar = get_close_matches(verb, _LISTED)
    return messages.mistyped_verb(verb, similar) if similar else messages.no_such_verb(verb, _LISTED)


def _parser() -> Parser:
    parser = Parser(prog="daybook", description="A live, event-sourced bank ledger.", allow_abbrev=False)
    verbs = parser.add_subparsers(metavar="VERB", required=True, title="verbs")
    for verb in VERBS:
        listed: dict[str, Any] = {"help": verb.does} if verb.does else {}
        options = verbs.add_parser(verb.name, description=verb.does, allow_abbrev=False, **listed)
        for add_options in verb.options:
            add_options(options)
        options.set_defaults(verb=verb)
    return parser
