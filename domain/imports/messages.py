"""Every sentence about imports that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from typing import Final


def unknown_import(import_id: str) -> str:
    return f"There is no import {import_id}; see the list of imports."


def import_under_way(import_id: str) -> str:
    return f"Import {import_id} is under way; wait until it ends."


def import_of_another_file(import_id: str, file: str) -> str:
    return (
        f"Import {import_id} is about the file {file}, with another content, format or currency; "
        "begin a new import for this file."
    )


def import_taken_over(import_id: str) -> str:
    return f"This run of import {import_id} is over: it has ended, or another run has taken it over."


def command_reused(command_id: str) -> str:
    return f"Command id {command_id} was already used to start this import in another way; use a new id."


def command_too_old(command_id: str) -> str:
    return (
        f"Command id {command_id} was used to start this import, and too many starts ago to repeat the answer; "
        "nothing is done twice. Use a new id to start it again."
    )


# A log that no decisions could have made, for operators.

NOT_STARTED_BEFORE: Final = "the import was not started before it"
OF_ANOTHER_FILE: Final = "the import is of another file"
STARTED_ALREADY: Final = "the same run of the import was started before it"
OF_ANOTHER_RUN: Final = "the run that it belongs to is over"
ENDED_AS_ANOTHER_KIND: Final = (
    "a run that only checks books nothing, and a run that books does not end as checked"
)
