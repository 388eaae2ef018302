"""The vocabulary holds every event, each once, in a form that is never changed without a version."""

from typing import get_args

from domain.accounts import ACCOUNTS, AccountEvent
from domain.imports import IMPORTS, ImportEvent
from domain.transfers import TRANSFERS, TransferEvent
from domain.users import USERS, UserEvent
from domain.vocabulary import BY_CLASS, BY_NAME, VOCABULARY


def test_every_event_of_an_aggregate_is_in_the_vocabulary_under_its_category() -> None:
    unions = (
        (ACCOUNTS, AccountEvent),
        (USERS, UserEvent),
        (TRANSFERS, TransferEvent),
        (IMPORTS, ImportEvent),
    )
    for aggregate, union in unions:
        listed = {each.cls for each in VOCABULARY if each.category == aggregate.category}
        assert listed == set(get_args(union))


def test_names_and_classes_are_listed_once() -> None:
    assert len(BY_NAME) == len(BY_CLASS) == len(VOCABULARY)


def test_each_version_after_the_first_has_an_upcaster_to_it() -> None:
    assert all(len(each.upcasters) == each.version - 1 for each in VOCABULARY)


def test_the_wire_names_are_those_that_logs_hold() -> None:
    assert set(BY_NAME) >= {"AccountCreated", "MoneyDeposited", "MoneyWithdrawn"}
