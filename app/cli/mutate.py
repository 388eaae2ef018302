"""`daybook mutate`: changes the domain in small ways and sees whether its tests notice."""

import argparse

from app.cli.verb import Verb
from app.setup.bootstrap import Needs
from app.setup.environment import ROOT


def run(_: argparse.Namespace) -> int:
    """1 if no test notices some change that pyproject.toml does not explain."""
    from app.mutation import mutate

    return mutate(ROOT)


VERB = Verb("mutate", "change the domain in small ways: do its tests notice?", run, needs=Needs.TOOLS)
