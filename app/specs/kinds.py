"""What a test of a stream needs to know, by category."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from app.specs import accounts, transfers, users
from app.specs.neutral import MadeId, Replacement, effect_on, user_id
from domain.accounts import ACCOUNTS
from domain.decider import Decider
from domain.identifiers import parse_account_id, parse_user_id
from domain.transfers import TRANSFERS
from domain.users import USERS


class Kind(NamedTuple):
    """`given` is the name of the aggregate's `given` in tests.kit.spec; `commands_of` as in app.specs.accounts,
    `made_id` as in app.specs.neutral.

    `replacements` are for texts of which the domain asks for a certain form.
    """

    decider: Decider[Any, Any, Any]
    commands_of: Callable[..., tuple[Any, ...]]
    parse_id: Callable[[str], object]
    made_id: MadeId
    given: tuple[str, str] = ("tests.kit.spec", "given")
    replacements: Mapping[str, Replacement] = {}


KINDS: Final[Mapping[str, Kind]] = {
    ACCOUNTS.category: Kind(
        decider=ACCOUNTS,
        commands_of=accounts.commands_of,
        parse_id=parse_account_id,
        made_id=accounts.made_id,
    ),
    USERS.category: Kind(
        decider=USERS,
        commands_of=users.commands_of,
        parse_id=parse_user_id,
        made_id=effect_on(user_id(1)),
        given=("tests.kit.users", "given"),
        replacements=dict.fromkeys(("name", "email", "phone"), users.sealed),
    ),
    TRANSFERS.category: Kind(
        decider=TRANSFERS,
        commands_of=transfers.commands_of,
        parse_id=transfers.parse_id,
        made_id=transfers.made_id,
        given=("tests.kit.transfers", "given"),
    ),
}
