"""Every sentence of the read side that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from collections.abc import Collection
from typing import Final

from domain.quoting import quoted

# Queries.


REDIS_SILENT: Final = "Redis does not answer."


def being_rebuilt(name: str) -> str:
    return f"The read model {name} is being rebuilt from the log; ask again in a moment."


def unknown_read_model(name: str, names: Collection[str]) -> str:
    return f"There is no read model {quoted(name)}. The read models are {', '.join(names)}."


def unknown_cursor(after: str) -> str:
    return f"after={quoted(after)} did not come from a page of this list; leave it out to start at the beginning."


BALANCE_WITHOUT_CURRENCY: Final = "balance_below is in minor units of one currency: also state currency."

# What is wrong with Redis. A server that refuses writes says why in one word; these are ours.

REDIS_FULL: Final = "Redis is full and takes no more data: give it more memory (its setting maxmemory)."
REDIS_READ_ONLY: Final = (
    "This Redis is a read-only copy: give Daybook the address of the Redis that it copies."
)
REDIS_CANNOT_SAVE: Final = (
    "Redis cannot save its data and takes no more: see its log, and whether its disk is full."
)
REDIS_WITHOUT_REPLICAS: Final = (
    "Redis has too few copies of itself and takes no more data: start its other servers."
)
REDIS_SIGN_IN_REFUSED: Final = (
    "Redis does not accept the user name or the password, or asks for one. "
    "Give them in DAYBOOK_REDIS_URL: redis://user:password@host:6379."
)
REDIS_WITHOUT_RIGHT: Final = (
    "The user in DAYBOOK_REDIS_URL has no right to a command that Daybook needs. "
    "docs/operations.md lists the rights."
)
REDIS_TLS: Final = (
    "Redis and Daybook do not agree on TLS. For a Redis with TLS write rediss:// in DAYBOOK_REDIS_URL, and name the "
    "certificate of its authority: ssl_ca_certs=FILE."
)
REDIS_DAMAGED: Final = "A part of the read models is damaged in Redis. It is built again."


def redis_too_old(version: str, oldest: str) -> str:
    return f"Redis {version} is too old: Daybook needs Redis {oldest} or newer, or Valkey."


def redis_drops_keys(policy: str) -> str:
    return (
        f"A full Redis drops parts of the read models: set its maxmemory-policy to noeviction, not {policy}."
    )


def keys_lost(lost: int, name: str, generation: int) -> str:
    return f"Redis has lost {lost} keys of {name}, generation {generation}. It is built again."


# The projector: the end of a session, and what follows.


def session_lost(error: str, reason: str, seconds: float) -> str:
    return f"{error}: {reason} Trying again in {seconds:g} s."


def waiting_for_the_other(reason: str) -> str:
    """`reason` is `taken_over`."""
    return f"{reason} Waiting until that one has stopped."


def taken_over(token: int) -> str:
    return f"Another projector (token {token}) has taken over."


def generation_taken_over(token: int, generation: str) -> str:
    return f"Another projector (token {token}) has taken over {generation}."


def other_generation_live(name: str, found: str, known: str) -> str:
    return f"{name}: the live generation is {found}, no longer {known}."


def moved(name: str, found: str, known: int) -> str:
    return f"{name} is at {found}, no longer at {known}."


def not_writable(name: str) -> str:
    return f"{name} cannot be written to any more."


def log_named(address: str, first_event: str) -> str:
    return f"{address} (first event {first_event})"


def other_log(other: str, own: str) -> str:
    """Both are `log_named`."""
    return f"A running projector fills this Redis from {other}, not from {own}. Give each log a Redis of its own."


def stopped(stream: str, reason: str) -> str:
    """`reason` is a sentence."""
    return f"{stream} is stopped. {reason}"


def subscription_silent(head: int, seen: int) -> str:
    return f"The log has grown to {head}, but the subscription is silent at {seen}."


def log_silent(seconds: float) -> str:
    return f"The log was silent for {seconds:g} s while it was read."


REDIS_WIPED: Final = "Redis was wiped."
FENCING_DAMAGED: Final = "The fencing token in Redis is damaged."
SUBSCRIPTION_ENDED: Final = "The log ended the subscription."

# Commits of a batch.


def generation(number: int, name: str) -> str:
    return f"generation {number} of {name}"


def not_committed(number: int, name: str, outcome: str, reason: str) -> str:
    """`reason` is one of the three below."""
    return f"Generation {number} of {name} is {outcome}: {reason}."


def elsewhere(expected: int, found: str) -> str:
    return f"expected at checkpoint {expected}, found at {found}"


SUPERSEDED: Final = "a rebuilt generation has taken its place"
MISSING: Final = "Redis no longer holds it"


def batch_refused(number: int, name: str, checkpoint: int, outcome: str) -> str:
    return (
        f"A batch for {generation(number, name)} after checkpoint {checkpoint} was refused and nothing was written: "
        f"{outcome}. Rebuild {name}."
    )


def not_projected(name: str, error: str) -> str:
    return f"{name} cannot project it: {error}"


# Read models that the projector finds, and those that it builds.


def made_from_another_log(name: str) -> str:
    return f"{name} was made from another log than this one."


def damaged(name: str) -> str:
    return f"{name} is damaged in Redis, and is being built again from the log."


def rolled_back(name: str, number: int, version: int) -> str:
    return (
        f"{name} was rolled back to generation {number} of version {version}; "
        "it is not updated until it is rebuilt."
    )


def not_built(names: Collection[str], reason: str) -> str:
    return f"{', '.join(names)} could not be built: {reason}"


def failed_to_build(names: Collection[str]) -> str:
    """A traceback follows."""
    return f"{', '.join(names)} could not be built."


def trying_again(seconds: float) -> str:
    return f"Trying again in {seconds:g} s."


# Rebuilds and rollbacks.


def changed_during_rebuild(reason: str) -> str:
    """`reason` is a sentence."""
    return f"Redis was wiped or changed during the rebuild. {reason}"


def generation_wiped(prefix: str) -> str:
    return f"The generation {prefix} no longer exists: Redis was wiped. Rebuild again."


def beyond_the_end(name: str, checkpoint: int) -> str:
    return (
        f"{name} is at {checkpoint}, beyond the end of this log: it was made from another log. "
        "The projector notices that and rebuilds it by itself."
    )


def new_version_wrong(name: str, difference: str) -> str:
    """`difference` is a sentence of the audit."""
    return f"The new version of {name} is not what the log says, so the old one stays live: {difference}"


def other_went_live_during_rebuild(name: str) -> str:
    return f"Another generation of {name} went live during the rebuild; this one is dropped."


def no_earlier_generation(name: str) -> str:
    return f"There is no earlier generation of {name} to go back to."


def other_went_live_during_rollback(name: str) -> str:
    return f"Another generation of {name} went live at the same time; nothing was changed."


# The audit: why it ends, and the differences that it finds.


def generation_gone(prefix: str) -> str:
    return f"{prefix} no longer exists: Redis was wiped, or a rebuild replaced it. Audit again."


def not_advancing(name: str, checkpoint: int, other: int) -> str:
    return f"{name} does not advance from {checkpoint}; another read model is at {other}."


def read_model_missing(name: str) -> str:
    return f"The read model {name} is missing."


def not_auditable(name: str) -> str:
    return f"{name} cannot be audited: neither the books nor the read model itself say what it should hold."


def stream_stopped(name: str, stream: str, revision: int, reason: str) -> str:
    return f"{name}: {stream} is stopped at its event {revision}: {reason}"


def cell_differs(name: str, key: str, member: str, found: str, expected: str) -> str:
    return f"{name}: {key} {member} is {found}, not {expected} as the log says."


def bucket_differs(key: str, found: int, expected: int, position: int) -> str:
    return (
        f"trace: {key} is not as the log says up to position {position}: "
        f"it has {found} events there, and the log has {expected}."
    )


def row_differs(account_id: str, found: str, expected: str) -> str:
    return f"balances: {account_id} is {found}, not {expected} as the log says."


def place_differs(account_id: str, changed: str, balance: str) -> str:
    return f"balances: the place of {account_id} ({changed}, {balance}) is wrong."


def reversals_differ(found: int, expected: int) -> str:
    return f"history: which entries were reversed ({found}) is not as the log says ({expected})."


def references_differ(reference: str) -> str:
    return f"history: the entries with reference {reference!r} are not as the log says."


def totals_differ(found: str, expected: str) -> str:
    return f"balances: the totals are {found}, not {expected} as the log says."


def entry_differs(account_id: str, number: int, of: int) -> str:
    return f"history: {account_id} differs from the log from entry {number} of {of} on."


def number_of_entries_differs(account_id: str, found: int, expected: int) -> str:
    return f"history: {account_id} has {found} entries, not {expected} as the log says."


def feed_differs(found: int, expected: int) -> str:
    return f"feed: its {found} items are not the newest {expected} of the log."


def in_flight_differs(transfer_id: str, found: str, expected: str) -> str:
    """Both in minor units."""
    return (
        f"transfers: what the accounts have sent for {transfer_id} and not received ({found}) "
        f"is not what is on its way as the transfer says ({expected})."
    )
