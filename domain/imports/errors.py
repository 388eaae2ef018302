"""Refusals of the rules about imports.

ImportDenied
├── UnknownImport          the import was never started
├── ImportUnderWay         an import starts again only if it has ended, or to be taken over
├── ImportOfAnotherFile    an import is of one file, read in one way
└── ImportTakenOver        a run that is over records nothing more
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
