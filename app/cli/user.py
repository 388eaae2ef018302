"""`daybook user ACTION`: see app/people."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, assert_never

from app.cli.verb import Verb, with_data, with_json, with_terms
from app.messages import people as messages
from app.settings import load

if TYPE_CHECKING:
    from app.people.acting import Answer
    from web.users.answers import ListedUserAnswer


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")

    def action(name: str, does: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=does, description=does, allow_abbrev=False)
        with_json(made)
        with_data(made)
        return made

    create = action("create", "create a person")
    create.add_argument("--id", metavar="ID", help="chosen if it is not given")
    _personal(create, name_needed=True)
    update = action("update", "change a person's data: only what is given")
    delete = action("delete", "delete a person who holds no account, for ever")
    search = action("search", "find people by the beginnings of words of their names")
    search.add_argument("words", metavar="WORD", nargs="*")
    asked = (action("show", "show a person"), action("entries", "list the entries of a person's accounts"))
    for each in (update, delete, *asked):
        each.add_argument("user", metavar="ID")
    _personal(update, name_needed=False)
    for each in (create, update, delete):
        with_terms(each)


def _personal(parser: argparse.ArgumentParser, *, name_needed: bool) -> None:
    parser.add_argument("--name", metavar="N", required=name_needed)
    parser.add_argument("--email", metavar="E", help="an empty text clears it")
    parser.add_argument("--phone", metavar="P", help="an empty text clears it")


def run(arguments: argparse.Namespace) -> int:
    from app.people.acting import act, as_json

    answer = act(arguments, load(arguments))
    print(as_json(answer) if arguments.json else "\n".join(_sentences(answer)))
    return 0


def _sentences(answer: Answer) -> list[str]:
    import msgspec

    from web.users.answers import ChangedAnswer, EntriesOfUserAnswer, ListedUserAnswer, UsersAnswer

    match answer:
        case ChangedAnswer():
            if isinstance(answer.position, msgspec.UnsetType):
                return [messages.DRY_RUN]
            return [messages.changed(answer.user_id, answer.position)]
        case ListedUserAnswer():
            return [_person(answer)]
        case UsersAnswer():
            return [*map(_person, answer.users), messages.found(len(answer.users))]
        case EntriesOfUserAnswer():
            return [
                f"#{each.position} {each.booked} {each.account_id} {each.amount} {each.currency} {each.note}".rstrip()
                for each in answer.entries
            ] or [messages.NO_ENTRIES]
        case _:
            assert_never(answer)


def _person(answer: ListedUserAnswer) -> str:
    known = (answer.user_id, answer.name, answer.email, answer.phone, *answer.accounts)
    return "  ".join(text for text in known if text)


VERB = Verb("user", "create, change, delete, show and find people", run, (options,))
