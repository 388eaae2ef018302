from uuid import UUID

from domain.idempotency import WINDOW, Effects


def test_ids_that_differ_in_any_of_their_first_64_bits_are_different_at_any_distance() -> None:
    effects: Effects[int] = Effects()
    for n in range(3 * WINDOW):
        effects = effects.adding(_id(2 * n), n)
    assert _id(0) in effects.older
    assert not any(_id(2 * n + 1) in effects.older for n in range(3 * WINDOW))


def test_effects_are_added_to_a_copy() -> None:
    nothing: Effects[int] = Effects()
    assert _id(1) in nothing.adding(_id(1), 1)
    assert _id(1) not in nothing


def _id(first_bits: int) -> UUID:
    return UUID(int=first_bits << 64)
