"""What must happen once because of what has happened: reactors follow the log and act on it.

reactor      what a reactor is                      holds, ...   one module for each, listed in REACTORS
agenda       the tasks that it knows of             following    the thread that reads the log
runner       acts on what is due                    checkpoint   how far it is, kept in the log itself
saving       when that is written                   lease        which process acts, and the fence
holder       who has the lease, as the log says     status       how the reactors are, seen from outside
stopped      those that are stopped, in memory       recent       the newest events of the log

A reactor is not a projection: what it did is not done again when a read model is rebuilt.
"""

from typing import Final

from reactors.holds import HOLDS
from reactors.people import PEOPLE
from reactors.reactor import Reactor
from reactors.transfers import TRANSFERS

REACTORS: Final[tuple[Reactor, ...]] = (HOLDS, PEOPLE, TRANSFERS)
