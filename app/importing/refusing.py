"""What refuses a whole file that could be read, before anything is booked. Raises Malformed."""

from collections.abc import Callable, Mapping, Sequence
from heapq import nsmallest
from operator import attrgetter

from app.importing.matching import Compared, New, Similar
from app.importing.statement import Line, Statement
from app.importing.surveying import Found
from app.importing.table import MOST_FAULTS, Malformed, fault_of
from app.importing.values import why_far
from app.messages import importing as messages
from domain.identifiers import AccountId


def check_currency(statement: Statement, known: Mapping[str, Found]) -> None:
    """Each account that the log has is kept in the statement's currency."""
    own = statement.currency
    others = {name: found.currency for name, found in known.items() if found.currency not in ("", own)}
    if others:
        wrong = [line for line in statement.lines if line.account in others]
        _refuse(
            statement, wrong, lambda line: messages.other_currency(line.account, others[line.account], own)
        )


def check_days(statement: Statement, compared: Callable[[AccountId], Compared]) -> None:
    """Lines with a day that cannot be booked are in the log. `compared` is asked for the accounts with such lines."""
    if statement.far:
        accounts = {line.account for line in statement.lines if line.number in statement.far}
        matches = [match for account in accounts for match in compared(account).matches]
        new = [match.line for match in matches if isinstance(match, New | Similar)]
        _refuse(
            statement,
            [line for line in new if line.number in statement.far],
            lambda line: why_far(line.day),
            "date",
        )


def _refuse(
    statement: Statement, wrong: Sequence[Line], why: Callable[[Line], str], column: str = ""
) -> None:
    """If any are wrong."""
    if wrong:
        first = nsmallest(MOST_FAULTS, wrong, key=attrgetter("number"))
        faults = [fault_of(line.number, why(line), column) for line in first]
        raise Malformed(messages.malformed(statement.name, faults, len(wrong) - len(faults)))
