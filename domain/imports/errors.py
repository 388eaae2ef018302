"""Refusals of the rules about imports.

ImportDenied
├── UnknownImport          it was never started
├── ImportUnderWay         it starts again only when it has ended, or is taken over
├── ImportOfAnotherFile    an import is of one file
└── ImportTakenOver        what a run that is over wants to record
"""

from domain.errors import DomainError


class ImportDenied(DomainError):
    pass


class UnknownImport(ImportDenied):
    pass


class ImportUnderWay(ImportDenied):
    pass


class ImportOfAnotherFile(ImportDenied):
    pass


class ImportTakenOver(ImportDenied):
    pass
