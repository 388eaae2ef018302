from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from eventstore.personal.keys import KEY_BYTES
from eventstore.personal.sealing import Unsealable, open_sealed, seal

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
TEXTS = st.text(max_size=40)
COMMANDS = st.uuids()
KEY, COMMAND = bytes(KEY_BYTES), UUID(int=1)


@given(KEYS, TEXTS, TEXTS, st.text(), COMMANDS)
def test_what_is_sealed_can_be_opened(key: bytes, user_id: str, field: str, text: str, command: UUID) -> None:
    sealed = seal(key, user_id, field, text, command)
    assert open_sealed(key, user_id, field, sealed) == text


@given(KEYS, TEXTS, TEXTS, TEXTS, COMMANDS)
def test_a_repeated_command_seals_to_the_same_text(
    key: bytes, user_id: str, field: str, text: str, command: UUID
) -> None:
    assert seal(key, user_id, field, text, command) == seal(key, user_id, field, text, command)


@given(TEXTS, TEXTS, COMMANDS, COMMANDS)
def test_another_command_seals_the_same_text_differently(
    field: str, text: str, one: UUID, other: UUID
) -> None:
    assume(one != other)
    assert seal(KEY, "anna", field, text, one) != seal(KEY, "anna", field, text, other)


Arguments = tuple[bytes, str, str]
ARGUMENTS = st.tuples(KEYS, TEXTS, TEXTS)


@given(ARGUMENTS, ARGUMENTS, TEXTS)
@example((KEY, "anna", "email"), (KEY, "annae", "mail"), "a@b.example")
@example((KEY, "anna", "name"), (KEY, "boris", "name"), "Anna")
@example((KEY, "anna", "name"), (KEY, "anna", "email"), "Anna")
@example((KEY, "anna", "name"), (b"\1" * KEY_BYTES, "anna", "name"), "Anna")
def test_another_key_person_or_field_opens_nothing(one: Arguments, other: Arguments, text: str) -> None:
    assume(one != other)
    with pytest.raises(Unsealable):
        open_sealed(*other, seal(*one, text, COMMAND))


@given(st.tuples(TEXTS, TEXTS, TEXTS), st.tuples(TEXTS, TEXTS, TEXTS))
@example(("anna", "a", "b\0c"), ("anna", "a\0b", "c"))
@example(("anna", "a", "bc"), ("anna", "ab", "c"))
def test_another_message_has_another_nonce(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assume(one != other)
    assert seal(KEY, *one, COMMAND)[:18] != seal(KEY, *other, COMMAND)[:18]


@given(st.text(min_size=1, max_size=20), st.data())
def test_text_that_was_changed_is_not_opened(text: str, data: st.DataObject) -> None:
    sealed = seal(KEY, "anna", "name", text, COMMAND)
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + data.draw(st.characters(codec="utf-8")) + sealed[at + 1 :]
    assume(changed != sealed)
    with pytest.raises(Unsealable):
        open_sealed(KEY, "anna", "name", changed)


@given(st.text())
@example("1.")
@example("1.A")
@example("2." + seal(KEY, "anna", "name", "Anna", COMMAND)[2:])
@example(seal(KEY, "anna", "name", "Anna", COMMAND) + "=")
@example(seal(KEY, "anna", "name", "Anna", COMMAND) + "\n")
@example(seal(KEY, "anna", "name", "Anna", COMMAND)[2:])
def test_text_that_nobody_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(Unsealable):
        open_sealed(KEY, "anna", "name", text)


def test_the_format_stays_what_the_log_holds() -> None:
    """If this fails, names in existing logs can no longer be read."""
    sealed = seal(bytes(range(KEY_BYTES)), "anna", "name", "Anna Nováková", COMMAND)
    assert sealed == "1.yHHsVHMmwuS6_2M8ARQn5JSbCN5me0-npYvzg7ieOy5ajQACS3ATeEdy8g"
    assert "Anna" not in sealed
