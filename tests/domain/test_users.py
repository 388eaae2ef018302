from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from domain.accounts import AccountAlreadyExists
from domain.errors import (
    CommandReused,
    CommandTooOld,
    ImpossibleHistory,
    InvalidEmail,
    InvalidInput,
    InvalidName,
    InvalidPhone,
    NothingToChange,
    UnknownCurrency,
)
from domain.idempotency import WINDOW
from domain.users import (
    USERS,
    AccountNotHeld,
    Deleted,
    HasOpenAccounts,
    Known,
    UnknownUser,
    User,
    UserAlreadyExists,
    UserCommand,
    UserCreated,
    UserEvent,
    UserIdRetired,
    evolve,
    messages,
)
from domain.users.personal import parse_email, parse_name, parse_phone
from tests.kit.accounts import an_id
from tests.kit.users import (
    USER,
    account_added,
    account_removed,
    add_account,
    create_user,
    delete_user,
    given,
    remove_account,
    sealed,
    update_user,
    user_created,
    user_deleted,
    user_updated,
)

ANNA = user_created(1)


# Creating.


def test_a_person_is_created_with_what_was_sent() -> None:
    given().when(create_user(1, name="Anna", email="a@b.cz")).then(
        user_created(1, name="Anna", email="a@b.cz")
    )


def test_a_person_exists_once() -> None:
    given(ANNA).when(create_user(2)).then_raises(UserAlreadyExists)


def test_the_id_of_somebody_who_was_deleted_is_never_used_again() -> None:
    given(ANNA, user_deleted(2)).when(create_user(3)).then_raises(UserIdRetired)


@pytest.mark.parametrize("union", [UserCommand, UserEvent, User])
def test_commands_events_and_states_are_final_and_frozen(union: object) -> None:
    for cls in get_args(union):
        assert cls.__final__
        assert cls.__struct_config__.frozen


def test_a_persons_stream_carries_their_id() -> None:
    assert USERS.stream("a-1.b_c") == "user-a-1.b_c"


# Updating.


def test_an_update_changes_only_what_is_sent() -> None:
    given(ANNA).when(update_user(2, phone="1")).then(user_updated(2, phone="1"))


def test_an_email_address_and_a_phone_number_can_be_cleared() -> None:
    given(ANNA).when(update_user(2, email=None, phone=None)).then(user_updated(2, email=None, phone=None))


def test_an_update_without_anything_to_change_is_refused() -> None:
    given(ANNA).when(update_user(2)).then_raises(NothingToChange)


@pytest.mark.parametrize("command", [update_user(3, name="A"), delete_user(3), add_account(3)])
def test_only_somebody_who_exists_is_changed(command: UserCommand) -> None:
    given().when(command).then_raises(UnknownUser)
    given(ANNA, user_deleted(2)).when(command).then_raises(UnknownUser)


# Deleting, and accounts.


def test_somebody_without_accounts_is_deleted() -> None:
    given(ANNA).when(delete_user(2)).then(user_deleted(2))


def test_an_account_is_added_to_its_holder() -> None:
    given(ANNA).when(add_account(2, "a")).then(account_added(2, "a"))


def test_nobody_with_an_open_account_is_deleted() -> None:
    given(ANNA, account_added(2)).when(delete_user(3)).then_raises(HasOpenAccounts)


def test_the_refusal_to_delete_names_the_first_accounts_and_counts_the_others() -> None:
    added = [account_added(number, f"a{number}") for number in range(2, 9)]
    with pytest.raises(HasOpenAccounts) as caught:
        USERS.decide(delete_user(20), _state(ANNA, *added))
    assert str(caught.value) == messages.has_open_accounts(USER, ["a2", "a3", "a4", "a5", "a6"], 2)


@pytest.mark.parametrize("reason", ["closed", "not_opened"])
def test_somebody_whose_accounts_were_all_removed_is_deleted(reason: str) -> None:
    removed = account_removed(3, reason="closed" if reason == "closed" else "not_opened")
    given(ANNA, account_added(2), removed).when(delete_user(4)).then(user_deleted(4))


def test_an_account_is_added_once_at_a_time() -> None:
    given(ANNA, account_added(2)).when(add_account(3)).then_raises(AccountAlreadyExists)


def test_only_an_account_that_was_added_is_removed() -> None:
    given(ANNA).when(remove_account(2)).then_raises(AccountNotHeld)
    given(ANNA, account_added(2)).when(remove_account(3)).then(account_removed(3))
    given(ANNA, account_added(2), account_removed(3)).when(remove_account(4)).then_raises(AccountNotHeld)


def test_an_account_is_added_only_in_a_currency_that_exists() -> None:
    given(ANNA).when(add_account(2, currency="Kč")).then_raises(UnknownCurrency)


def test_the_standing_has_open_and_former_accounts() -> None:
    history = (account_added(2, "a"), account_added(3, "b"), account_added(4, "c"))
    removed = (account_removed(5, "a"), account_removed(6, "b", reason="not_opened"))
    state = _state(ANNA, *history, *removed)
    assert isinstance(state, Known)
    assert (state.standing.accounts, state.standing.former) == (("c",), ("a",))


# One effect per command id.


@pytest.mark.parametrize(
    ("history", "command", "other"),
    [
        ((ANNA,), create_user(1), create_user(1, name="Eva")),
        ((ANNA, user_updated(2, name="E")), update_user(2, name="E"), update_user(2, name="F")),
        ((ANNA, user_updated(2, name="E")), update_user(2, name="E"), update_user(2, name="E", phone=None)),
        ((ANNA, user_deleted(2)), delete_user(2), update_user(2, name="E")),
        ((ANNA, account_added(2)), add_account(2), add_account(2, "b")),
        ((ANNA, account_added(2), account_removed(3)), remove_account(3), remove_account(3, "b")),
    ],
)
def test_a_command_id_is_used_once(
    history: tuple[UserEvent, ...], command: UserCommand, other: UserCommand
) -> None:
    given(*history).when(command).then_nothing()
    given(*history).when(other).then_raises(CommandReused)


def test_an_old_command_is_refused_whatever_its_body() -> None:
    updates = [user_updated(number, name=str(number)) for number in range(2, 2 * WINDOW + 2)]
    for command in (create_user(1), update_user(2, name="2"), delete_user(2)):
        given(ANNA, *updates).when(command).then_raises(CommandTooOld)


def test_refusals_of_command_ids_name_the_person() -> None:
    with pytest.raises(CommandReused) as caught:
        USERS.decide(delete_user(1), _state(ANNA))
    assert str(caught.value) == messages.command_reused(str(an_id(1)), USER)


# Histories that no decisions could have made.


@pytest.mark.parametrize(
    ("history", "event", "reason"),
    [
        ((ANNA,), user_created(2), messages.CREATED_BEFORE),
        ((), user_updated(2, name="E"), messages.NOT_CREATED_BEFORE),
        ((ANNA, user_deleted(2)), user_deleted(3), messages.DELETED_BEFORE),
        ((ANNA, account_added(2)), user_deleted(3), messages.ACCOUNTS_LEFT),
        ((ANNA, account_added(2)), account_added(3), messages.held_before("a")),
        ((ANNA,), account_removed(3), messages.not_held_before("a")),
    ],
)
def test_an_event_that_cannot_follow_is_an_impossible_history(
    history: tuple[UserEvent, ...], event: UserEvent, reason: str
) -> None:
    with pytest.raises(ImpossibleHistory) as caught:
        evolve(_state(*history), event)
    assert str(caught.value) == reason


def test_a_deleted_person_is_deleted() -> None:
    assert isinstance(_state(ANNA, user_deleted(2)), Deleted)


@pytest.mark.parametrize("text", ["Anna", "", "1.Anna Nováková, who lives in Prague", "1." + "a" * 5_000])
def test_an_event_with_text_that_is_not_sealed_is_not_valid(text: str) -> None:
    with pytest.raises(ValueError, match=messages.NOT_SEALED):
        UserCreated(user_id=USER, effect_id=an_id(1), name=text)


def test_an_update_that_changes_nothing_is_not_valid() -> None:
    with pytest.raises(ValueError, match=messages.CHANGES_NOTHING):
        user_updated(1)


def test_what_an_update_leaves_out_is_not_in_the_log() -> None:
    data = msgspec.json.decode(msgspec.json.encode(user_updated(1, email=None)))
    assert set(data) == {"user_id", "effect_id", "email"}
    assert data["email"] is None


def test_sealed_text_of_tests_looks_sealed() -> None:
    assert user_created(1, name="x" * 200).name == sealed("x" * 200)


# Personal data.


@pytest.mark.parametrize(
    "text", ["Anna", " Anna Nováková ", "李小龍", "محمد", "O'Brien-Smith 2nd", "x" * 200]
)
def test_a_name_is_one_line_of_any_writing(text: str) -> None:
    assert parse_name(text) == text.strip()


@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "\u200c", " \u200d\u00a0"])
def test_a_name_without_anything_to_see_or_that_is_too_long_is_refused(text: str) -> None:
    _refused(parse_name, text, InvalidName, messages.not_a_name(200))


@pytest.mark.parametrize("text", ["anna@example.com", " a.b+c@mail.example.cz ", "jiří@příklad.cz"])
def test_an_email_address_has_a_name_and_a_domain(text: str) -> None:
    assert parse_email(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["anna", "@b.cz", "a@", "a@b", "a@b.", "a@.cz", "a b@c.cz", "a@b@c.cz", "a\u202e@b.cz", "a@b.cz" * 50],
)
def test_other_text_is_refused_as_an_email_address(text: str) -> None:
    _refused(parse_email, text, InvalidEmail, messages.not_an_email(254))


@pytest.mark.parametrize("text", ["112", " +420 (123) 456-789 ", "123.456", "1" * 40])
def test_a_phone_number_is_digits_and_what_people_put_between_them(text: str) -> None:
    assert parse_phone(text) == text.strip()


@pytest.mark.parametrize("text", ["", "+", "call me", "1" * 41, "12\n3", "١٢٣", "1;2"])
def test_other_text_is_refused_as_a_phone_number(text: str) -> None:
    _refused(parse_phone, text, InvalidPhone, messages.not_a_phone_number(40))


def _refused(parse: Callable[[str], str], text: str, refusal: type[InvalidInput], message: str) -> None:
    with pytest.raises(refusal) as caught:
        parse(text)
    assert str(caught.value) == message


def _state(*events: UserEvent) -> User:
    state: User = USERS.initial
    for event in events:
        state = evolve(state, event)
    return state
