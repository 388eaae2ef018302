"""`daybook transfer`: requests a transfer and says how it ends, and shows what the log says about one."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.cli.verb import Verb, with_data, with_json, with_terms
from app.messages import transfers as messages
from app.refusal import Refusal
from app.settings import Settings, load

if TYPE_CHECKING:
    from commands.transfers import Order

SHOW: Final = "show"
WAIT_SECONDS: Final = 10.0
"""How long `create` waits for the end of the transfer."""
_WORDS: Final = {
    "from": "the id of the account that pays",
    "to": "the id of the account that receives the money",
    "amount": "in the currency of the account that pays, for example 1250.50",
}
_TEXTS: Final = {
    "value_date": "the day from which both entries count, for example 2026-11-24 (default: today)",
    "note": "one line of text, for both entries",
    "reference": "another system's name for the transfer",
}


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action", title="actions")
    does = f"request a transfer, and wait up to {WAIT_SECONDS:g} s for its end"
    create = actions.add_parser("create", help=does, description=does, allow_abbrev=False)
    for name, about in _WORDS.items():
        create.add_argument(name, metavar=name.upper(), help=about)
    for name, about in _TEXTS.items():
        flag = f"--{name.replace('_', '-')}"
        create.add_argument(flag, metavar=name.rpartition("_")[2].upper(), help=about)
    create.add_argument("--no-wait", action="store_true", help="do not wait for the end")
    with_terms(create, "the account that pays")
    does = "a transfer as the log has it now"
    show = actions.add_parser(SHOW, help=does, description=does, allow_abbrev=False)
    show.add_argument("transfer_id", metavar="ID", help="the id of the transfer")
    for each in (create, show):
        with_json(each)
        with_data(each)


def run(arguments: argparse.Namespace) -> int:
    settings = load(arguments)
    return _show(arguments, settings) if arguments.action == SHOW else _create(arguments, settings)


def _create(arguments: argparse.Namespace, settings: Settings) -> int:
    """1 if an account declined, or in a dry run would decline."""
    from app.teller.asking import answered, refusals
    from app.teller.transfers import create
    from commands.deciding import Terms
    from commands.transfers import FAILED
    from web.http.keys import command_id

    now, only_at = datetime.now(UTC), None if arguments.if_match is None else {arguments.if_match}
    terms = Terms(only_at=only_at, dry_run=arguments.dry_run)
    wait = 0.0 if arguments.no_wait or terms.dry_run else WAIT_SECONDS
    say = (lambda _: None) if arguments.json else partial(print, flush=True)
    with refusals():
        key, order = command_id(arguments.command_id), _order(arguments, settings, now)
    answer = answered(
        settings,
        lambda store: create(store, order, key, now, terms, wait=wait, say=say),
        reacts=bool(wait),
    )
    if arguments.json:
        _print_json(answer)
    return 1 if "declined" in answer or answer["state"] in FAILED else 0


def _order(arguments: argparse.Namespace, settings: Settings, now: datetime) -> Order:
    """Raises BadInput."""
    from zoneinfo import ZoneInfo

    from web.http.inputs import Fields
    from web.transfers.orders import ORDER, order_of

    fields = Fields({name: getattr(arguments, name) for name in ORDER})
    for name in _WORDS:
        fields.require(name)
    zone = None if settings.timezone is None else ZoneInfo(settings.timezone)
    return order_of(fields, now.astimezone(zone).date())


def _show(arguments: argparse.Namespace, settings: Settings) -> int:
    from app.teller.asking import answered
    from app.teller.transfers import lines, show

    transfer_id = _transfer_id(arguments.transfer_id)
    answer = answered(settings, lambda store: show(store, transfer_id), only_looks=True)
    if answer is None:
        raise Refusal(messages.no_transfer(str(transfer_id)), 1)
    if arguments.json:
        _print_json(answer)
    else:
        print("\n".join(lines(answer)))
    return 0


def _transfer_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal(messages.not_a_transfer_id(text)) from None


def _print_json(answer: object) -> None:
    import msgspec

    print(msgspec.json.encode(answer).decode())


VERB = Verb("transfer", "transfers between accounts: request one, and show how it is", run, (options,))
