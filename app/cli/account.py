"""`daybook account`: every command on an account that the API has, and what the log says about one."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from app.cli.verb import Verb, with_data, with_json, with_terms
from app.messages import accounts as messages
from app.messages import verbs
from app.refusal import Refusal
from app.settings import Settings, load
from app.teller.actions import ACTIONS, FIELDS, Action

if TYPE_CHECKING:
    from app.teller.booking import Answer
    from domain.accounts import AccountCommand
    from eventstore.esdb import EsdbStore

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
    from app.teller.booking import book
    from commands.deciding import Terms

    now, only_at = datetime.now(UTC), None if arguments.if_match is None else {arguments.if_match}
    terms = Terms(only_at=only_at, dry_run=arguments.dry_run)
    command = _command(arguments, settings, now)
    with closing(open_keys(settings)) as keys:
        return _answered(settings, lambda store: book(store, keys, command, now, terms))


def _shown(arguments: argparse.Namespace, settings: Settings) -> Answer:
    from app.teller.booking import show
    from domain.errors import InvalidInput
    from domain.identifiers import parse_account_id

    try:
        account_id = parse_account_id(arguments.account_id)
    except InvalidInput as error:
        raise Refusal(str(error)) from None
    answer = _answered(settings, lambda store: show(store, account_id), only_looks=True)
    if answer is None:
        raise Refusal(messages.no_account(account_id), 1)
    return answer


def _answered(
    settings: Settings, ask: Callable[[EsdbStore], Coroutine[Any, Any, T]], *, only_looks: bool = False
) -> T:
    """Refusal with code 2 if the input makes no sense, 1 if a rule or the log refuses."""
    from app.processes.addresses import servers
    from commands.deciding import WrongVersion
    from commands.handler import TooContended
    from domain.errors import DomainError, InvalidInput
    from eventstore.store import StoreError, StreamStopped

    with servers(settings, only_looks=only_looks) as found:
        try:
            return asyncio.run(_with_store(found.esdb_uri, ask))
        except InvalidInput as error:
            raise Refusal(str(error)) from None
        except (DomainError, TooContended, WrongVersion) as error:
            raise Refusal(str(error), 1) from None
        except StreamStopped as error:
            raise Refusal(verbs.stream_stopped(error.stream, error.revision, error.reason), 1) from None
        except StoreError as error:
            raise Refusal(verbs.log_silent(str(error)), 1) from None


async def _with_store(uri: str, ask: Callable[[EsdbStore], Coroutine[Any, Any, T]]) -> T:
    from eventstore.esdb import EsdbStore

    store = EsdbStore(uri)
    try:
        return await ask(store)
    finally:
        await store.close()


def _command(arguments: argparse.Namespace, settings: Settings, now: datetime) -> AccountCommand:
    from zoneinfo import ZoneInfo

    from app.teller.commands import command_of
    from web.http.inputs import BadInput, command_id

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
