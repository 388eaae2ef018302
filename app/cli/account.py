"""`daybook account`: every command on an account that the API has, and what the log says about one."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from app.cli.verb import Verb, with_data, with_json, with_terms
from app.messages import accounts as messages
from app.refusal import Refusal
from app.settings import Settings, load
from app.teller.actions import ACTIONS, FIELDS, Action

if TYPE_CHECKING:
    from app.teller.asking import Answer
    from domain.accounts import AccountCommand

T = TypeVar("T")
SHOW = "show"


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action", title="actions")
    for action in ACTIONS:
        _describe(actions.add_parser(action.name, help=action.does, description=action.does), action)
    does = "the account as the log has it now"
    shown = actions.add_parser(SHOW, help=does, description=does)
    for add in (_with_account, with_json, with_data):
        add(shown)


def _describe(parser: argparse.ArgumentParser, action: Action) -> None:
    _with_account(parser)
    for name in action.words:
        parser.add_argument(name, metavar=name.removesuffix("_id").upper(), help=FIELDS[name])
    for name in action.options:
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, metavar=name.rpartition("_")[2].upper(), help=FIELDS[name])
    with_terms(parser)
    with_json(parser)
    with_data(parser)


def _with_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("account_id", metavar="ACCOUNT", help=FIELDS["account_id"])


def run(arguments: argparse.Namespace) -> int:
    import msgspec

    from app.teller.booking import sentence

    settings = load(arguments)
    answer = _shown(arguments, settings) if arguments.action == SHOW else _booked(arguments, settings)
    print(msgspec.json.encode(answer).decode() if arguments.json else sentence(answer))
    return 0


def _booked(arguments: argparse.Namespace, settings: Settings) -> Answer:
    from app.processes.keys import open_keys
    from app.teller.asking import answered
    from app.teller.booking import book
    from commands.deciding import Terms

    now, only_at = datetime.now(UTC), None if arguments.if_match is None else {arguments.if_match}
    terms = Terms(only_at=only_at, dry_run=arguments.dry_run)
    command = _command(arguments, settings, now)
    with closing(open_keys(settings)) as keys:
        return answered(settings, lambda store: book(store, keys, command, now, terms))


def _shown(arguments: argparse.Namespace, settings: Settings) -> Answer:
    from app.teller.asking import answered
    from app.teller.booking import show
    from domain.errors import InvalidInput
    from domain.identifiers import parse_account_id

    try:
        account_id = parse_account_id(arguments.account_id)
    except InvalidInput as error:
        raise Refusal(str(error)) from None
    answer = answered(settings, lambda store: show(store, account_id), only_looks=True)
    if answer is None:
        raise Refusal(messages.no_account(account_id), 1)
    return answer


def _command(arguments: argparse.Namespace, settings: Settings, now: datetime) -> AccountCommand:
    from zoneinfo import ZoneInfo

    from app.teller.commands import command_of
    from web.http.inputs import BadInput
    from web.http.keys import command_id

    action = next(each for each in ACTIONS if each.name == arguments.action)
    given = {name: getattr(arguments, name) for name in ("account_id", *action.words, *action.options)}
    zone = None if settings.timezone is None else ZoneInfo(settings.timezone)
    try:
        key = command_id(arguments.command_id)
        return command_of(
            action.name,
            given,
            key,
            now=now,
            day=now.astimezone(zone).date(),
            opens_in=settings.currency,
        )
    except BadInput as error:
        raise Refusal(str(error)) from None


VERB = Verb("account", "commands on an account, and what it is", run, (options,))
