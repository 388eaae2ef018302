"""The import of a bank's file: which file, how far the import is, and its report. Read it in this order:

events       what has happened
report       the report: figures, and what people have to look at
commands     what may be asked for
standing     follow(standing, event) -> standing: whether an event can be the next one
states       Unstarted | UnderWay | Checked | Booked | Failed
decisions    decide(command, state) -> events, or a refusal
evolution    evolve(state, event) -> state
errors       the refusals
messages     their sentences

    started -> progressed ... -> checked, booked or failed -> started ...

An import may start again: to book after a check, or to finish what a process left undone. Each start begins a run, and
only the newest run records anything. The lines are booked on the accounts, each once, whichever runs book it.
"""

from typing import Final

from domain.decider import Decider
from domain.imports.commands import EndImport, ImportCommand, RecordProgress, StartImport
from domain.imports.decisions import decide
from domain.imports.errors import (
    ImportDenied,
    ImportOfAnotherFile,
    ImportTakenOver,
    ImportUnderWay,
    UnknownImport,
)
from domain.imports.events import (
    ImportBooked,
    ImportChecked,
    ImportEvent,
    ImportFailed,
    ImportProgressed,
    ImportStarted,
)
from domain.imports.evolution import evolve
from domain.imports.fields import Work
from domain.imports.standing import Standing, State, follow
from domain.imports.states import Booked, Checked, Existing, Failed, Import, UnderWay, Unstarted

__all__ = [
    "IMPORTS",
    "Booked",
    "Checked",
    "EndImport",
    "Existing",
    "Failed",
    "Import",
    "ImportBooked",
    "ImportChecked",
    "ImportCommand",
    "ImportDenied",
    "ImportEvent",
    "ImportFailed",
    "ImportOfAnotherFile",
    "ImportProgressed",
    "ImportStarted",
    "ImportTakenOver",
    "ImportUnderWay",
    "RecordProgress",
    "Standing",
    "StartImport",
    "State",
    "UnderWay",
    "UnknownImport",
    "Unstarted",
    "Work",
    "decide",
    "evolve",
    "follow",
]

IMPORTS: Final[Decider[ImportCommand, Import, ImportEvent]] = Decider(
    category="import", initial=Unstarted(), decide=decide, evolve=evolve, standing=Standing, follow=follow
)
