"""`daybook mutate`: changes the domain in small ways and checks whether its tests notice."""

import argparse

from app.cli.verb import Verb
from app.setup.bootstrap import Needs
from app.setup.environment import ROOT


def run(_: argparse.Namespace) -> int:
    """The exit code: 1 if a change is not noticed by any test and not explained in pyproject.toml."""
    from app.mutation import mutate

    return mutate(ROOT)


VERB = Verb("mutate", "change the domain in small ways: do its tests notice?", run, needs=Needs.TOOLS)
