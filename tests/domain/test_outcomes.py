"""Which events a command can lead to is what its decisions make, in every kind of state."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, get_args

from domain.accounts import ACCOUNTS, AccountCommand, AccountEvent
from domain.decider import Decider, fold
from domain.errors import DomainError
from domain.imports import IMPORTS, ImportCommand, ImportEvent
from domain.outcomes import OUTCOMES, commands_to
from domain.transfers import TRANSFERS, Answer, TransferCommand, TransferEvent
from domain.users import USERS, UserCommand, UserEvent
from domain.vocabulary import VOCABULARY
from tests.kit.accounts import (
    create,
    deposit,
    deposited,
    opened,
    record,
    reverse,
    withdraw,
    withdrawn,
)
from tests.kit.holds import capture, expire, place, placed, release
from tests.kit.imports import end, progress, start, started
from tests.kit.lifecycle import close, closed, freeze, frozen, set_limit, unfreeze
from tests.kit.transfers import (
    credit_declined,
    debited,
    declined_in,
    declined_out,
    receive,
    received,
    request,
    requested,
    returned,
    send,
    sent,
    take_back,
)
from tests.kit.transfers import record as record_answer
from tests.kit.users import (
    account_added,
    add_account,
    create_user,
    delete_user,
    remove_account,
    update_user,
    user_created,
    user_deleted,
)

PAID = deposited(2, 500, balance=500)
HISTORIES: tuple[tuple[AccountEvent, ...], ...] = (
    (),
    (opened(1),),
    (opened(1), PAID),
    (opened(1), PAID, withdrawn(3, 500, balance=0)),
    (opened(1), PAID, placed(3, 200, balance=500, held=200, ends=10)),
    (opened(1), PAID, frozen(3, balance=500)),
    (opened(1), closed(2)),
)
COMMANDS: tuple[AccountCommand, ...] = (
    *(create(9), deposit(9, 100), withdraw(9, 100), record(9, 100), record(9, -100), reverse(9, PAID)),
    *(place(9, 100), capture(9, 3), release(9, 3), expire(9, 3, at=20)),
    *(freeze(9), unfreeze(9), close(9), set_limit(9, 100)),
    *(send(), receive(account_id="a"), take_back()),
)


LIVES: tuple[tuple[UserEvent, ...], ...] = (
    (),
    (user_created(1),),
    (user_created(1), account_added(2)),
    (user_created(1), user_deleted(2)),
)
REQUESTS: tuple[UserCommand, ...] = (
    *(create_user(9), update_user(9, name="Eva"), delete_user(9), add_account(9), remove_account(9)),
)


PATHS: tuple[tuple[TransferEvent, ...], ...] = (
    (),
    (requested(),),
    (requested(), debited()),
    (requested(), debited(), credit_declined()),
)
ANSWERS: tuple[Answer, ...] = (sent(), declined_out(), received(), declined_in(), returned())
STEPS: tuple[TransferCommand, ...] = (
    request(),
    *(record_answer(answer) for answer in ANSWERS),
)


RUNS: tuple[tuple[ImportEvent, ...], ...] = (
    (),
    (started(),),
    (started(only_check=True),),
)
RECORDS: tuple[ImportCommand, ...] = (
    *(start(9), start(9, takes_over=True), progress(), end(), end("The log did not answer.")),
)


def decided() -> Iterator[tuple[type[Any], type[Any]]]:
    """Every pair of a command and an event that it led to."""
    yield from _decided(ACCOUNTS, HISTORIES, COMMANDS)
    yield from _decided(USERS, LIVES, REQUESTS)
    yield from _decided(TRANSFERS, PATHS, STEPS)
    yield from _decided(IMPORTS, RUNS, RECORDS)


def _decided(
    decider: Decider[Any, Any, Any], histories: Iterable[tuple[Any, ...]], commands: Iterable[Any]
) -> Iterator[tuple[type[Any], type[Any]]]:
    for history in histories:
        state = fold(decider, history)
        for command in commands:
            with suppress(DomainError):
                yield from ((type(command), type(event)) for event in decider.decide(command, state))


def test_commands_lead_to_the_events_that_are_stated() -> None:
    stated = {(command, event) for command, events in OUTCOMES.items() for event in events}
    assert set(decided()) == stated


def test_every_command_is_tried_and_every_event_has_a_command() -> None:
    tried = {type(command) for command in (*COMMANDS, *REQUESTS, *STEPS, *RECORDS)}
    unions = (AccountCommand, UserCommand, TransferCommand, ImportCommand)
    commands = {command for union in unions for command in get_args(union)}
    assert tried == set(OUTCOMES) == commands
    assert [known.name for known in VOCABULARY if not commands_to(known.cls)] == []
