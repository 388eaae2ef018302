"""Sentences of the web process that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers. Fixed text of
pages is in the templates, and what the scripts say is in static/js/messages.js.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from domain.quoting import quoted


class Explanation(NamedTuple):
    """The title of a problem, and what to do about it: "" if there is nothing to do."""

    title: str
    advice: str


# Problems: refusals and failures of the lower parts, whose exceptions say what was wrong.

_REPEAT: Final = (
    "Send it again: nothing is booked twice. (A program repeats the request with the same Idempotency-Key.)"
)

INVALID_KEY: Final = Explanation(
    "The Idempotency-Key cannot be used", "Make a new one for each command, for example a UUID."
)
INVALID_CONDITION: Final = Explanation(
    "If-Match cannot be read", "Send revisions in quotes, as in the ETag of an answer, or an asterisk."
)
REVISION_MISMATCH: Final = Explanation(
    "It has changed in the meantime", "Read it again, and decide again whether to send this."
)
INVALID_CORRELATION_ID: Final = Explanation(
    "The X-Correlation-ID cannot be used", "Send 1 to 128 visible ASCII characters, or leave the header out."
)
INVALID_INPUT: Final = Explanation("Some input cannot be read", "Each wrong field is listed with the reason.")
KEY_REUSED: Final = Explanation(
    "This was already sent as something else",
    "See what was recorded then. A new command needs a new key; a page that is reloaded has one.",
)
KEY_TOO_OLD: Final = Explanation(
    "The key was already used, too long ago to compare",
    "Nothing was done now. See in the account's history, or on the person's page, what was done then. A new command "
    "needs a new key; a page that is reloaded has one.",
)
REFUSED: Final = Explanation("A rule refuses this", "The detail says which rule.")
OUTCOME_UNKNOWN: Final = Explanation("It is not known whether this was booked", _REPEAT)
CONTENDED: Final = Explanation("Too many entries at once on this account", _REPEAT)
LOG_UNAVAILABLE: Final = Explanation("The log of entries does not answer", _REPEAT)
LOG_REFUSES: Final = Explanation(
    "The log of entries refuses this", "Nothing was booked. Ask the people who run this Daybook."
)
ACCOUNT_STOPPED: Final = Explanation(
    "This account is stopped",
    "Its events cannot all be used. Ask the people who run this Daybook to repair it.",
)
READ_MODELS_UNAVAILABLE: Final = Explanation(
    "Balances and lists are not available", "Entries can still be booked. Try again in a moment."
)
SETTLING: Final = Explanation("The newest entries are not shown yet", "Try again in a moment.")
UNKNOWN_PROBLEM: Final = Explanation(
    "This type of problem does not exist", "No answer of this server has this type."
)


def explained(advice: str, status: int, name: str) -> str:
    """On the page about a type of problem."""
    return f"{advice} (HTTP {status}, {name})"


# Problems of HTTP itself.

HTTP: Final[Mapping[int, Explanation]] = {
    400: Explanation("This request cannot be read", ""),
    403: Explanation("Not allowed", "Nothing was booked. Reload the page and repeat the entry."),
    404: Explanation("This page does not exist", "To find an account, search for its id above."),
    405: Explanation("Not possible here", "The page /api/schema lists what is possible."),
    413: Explanation(
        "Too large",
        "Send at most 64 KB at once. To import a bank statement, go to /import or use ./daybook import FILE.",
    ),
    415: Explanation("Unsupported format", ""),
    500: Explanation(
        "Something went wrong here",
        "You can repeat the entry: nothing is booked twice. The log of the web process has the details.",
    ),
}
OTHER_REFUSAL: Final = Explanation("This was refused", "")
UNKNOWN_ROUTE: Final = Explanation("This route does not exist", "/api/schema lists the routes.")
FROM_ANOTHER_SITE: Final = Explanation(
    "Sent from another site", "Requests that change something have to come from this site."
)
UNKNOWN_HOST: Final = "Unknown host"


def unknown_host(host: str) -> str:
    return (
        f"This server does not answer to the name {quoted(host)}. To allow the name, add it to DAYBOOK_HOSTS."
    )


def unknown_file(path: str) -> str:
    return f"There is no file {quoted(path)}."


# Accounts that are stopped, what the read models do not have, and the result of a form. The state of settling follows a
# result. See web.messages_on_accounts for the rest.


def account_stopped(reason: str) -> str:
    """`reason` is a sentence."""
    return f"Nothing can be booked on this account until it is repaired. {reason}"


def not_a_position(position: int) -> str:
    return f"No event of the log is at position {position}; use the `before` of an answer."


def beyond_the_log(position: int) -> str:
    return f"The log does not go as far as position {position}; use a position that an answer from here had."


def position_not_reached(position: int) -> str:
    return f"The read models have not reached position {position} yet."


DONE: Final = "Done:"

# Live updates: refusals, and log lines for operators.

LIVE_IS_READ_ONLY: Final = Explanation("Not possible here", "Live updates can only be read, by GET.")
TOO_MANY_LIVE_PAGES: Final = Explanation(
    "Too many live pages", "This server has as many live pages as it can serve."
)
UNKNOWN_TOPICS: Final = "Unknown topics"


def unknown_topics(most: int, topics: Collection[str]) -> str:
    return f"Ask for at most {most} of these: {', '.join(topics)}."


def no_region(topic: str) -> str:
    return f"No region has the topic {quoted(topic)}."


def live_updates_wait(reason: str) -> str:
    """`reason` is a sentence."""
    return f"Live updates wait: {reason}"


CLIENT_LEFT: Final = "The client left before the end of its answer."


def answer_breaks_off(reason: str) -> str:
    return f"The answer breaks off: {reason}"


LIVE_UPDATES_RESTART: Final = "Live updates start again after an error."
"""A traceback follows."""

# Health, for operators: what is wrong with a part.


def no_answer_within(seconds: float) -> str:
    return f"no answer within {seconds:g} s"


READY: Final = "Ready"


def not_ready(failing: Collection[str]) -> str:
    """In the log; `failing` are the parts, each with what is wrong with it."""
    return f"Not ready: {'; '.join(failing)}"


def not_built(files: Collection[str]) -> str:
    return f"not built: {', '.join(files)}"


def ok_but_rebuilding(names: Collection[str]) -> str:
    """This does not make the process unhealthy."""
    return f"ok, but being rebuilt: {', '.join(names)}"


REBUILDING: Final = "rebuilding"
NO_HEARTBEAT: Final = "no heartbeat"
OTHER_LOG: Final = "the projector follows another log than this process: give each log a Redis of its own"

# Words for events on pages, by the type of the event.

IN_THE_FEED: Final[Mapping[str, tuple[str, str]]] = {
    "AccountCreated": ("Account", "opened"),
    "MoneyDeposited": ("Deposit to", ""),
    "MoneyWithdrawn": ("Withdrawal from", ""),
    "EntryReversed": ("Reversal on", ""),
    "HoldPlaced": ("Hold on", "placed"),
    "HoldCaptured": ("Hold on", "captured"),
    "HoldReleased": ("Hold on", "released"),
    "HoldExpired": ("Hold on", "expired"),
    "MoneySent": ("Transfer from", ""),
    "MoneyReceived": ("Transfer to", ""),
    "MoneyReturned": ("Transfer back to", ""),
    "TransferDeclined": ("Transfer declined by", ""),
    "AccountFrozen": ("Account", "frozen"),
    "AccountUnfrozen": ("Account", "unfrozen"),
    "AccountClosed": ("Account", "closed"),
    "OverdraftLimitChanged": ("Overdraft limit of", "set"),
}
"""The words before and after the account's id."""

IN_THE_HISTORY: Final[Mapping[str, str]] = {
    "MoneyDeposited": "Deposit",
    "MoneyWithdrawn": "Withdrawal",
    "EntryReversed": "Reversal",
    "HoldCaptured": "Captured hold",
    "MoneySent": "Transfer out",
    "MoneyReceived": "Transfer in",
    "MoneyReturned": "Transfer back",
}

TOWARDS: Final[Mapping[str, str]] = {
    "MoneySent": "to",
    "MoneyReceived": "from",
    "MoneyReturned": "from",
    "TransferDeclined": "with",
}
"""The word before the account at the other end of a transfer."""
