"""Every sentence about imports that a person can meet: the list to review when wording changes.

A message with placeholders is a function. Its caller formats everything apart from text and numbers.
"""

from typing import Final


def unknown_import(import_id: str) -> str:
    return f"There is no import {import_id}; see the list of imports."


def import_under_way(import_id: str) -> str:
    return f"Import {import_id} is under way; wait until it has ended."


def import_of_another_file(import_id: str, file: str) -> str:
    return f"Import {import_id} is of the file {file}, read in one way; import another file by itself."


def import_taken_over(import_id: str) -> str:
    return f"This run of import {import_id} is over: it has ended, or another run has taken it over."


def command_reused(command_id: str) -> str:
    return f"Command id {command_id} was already used to start this import in another way; use a new id."


# A log that no decisions could have made, for operators.

NOT_STARTED_BEFORE: Final = "the import was not started before it"
OF_ANOTHER_FILE: Final = "the import is of another file"
OF_ANOTHER_RUN: Final = "it belongs to another run of the import"
