"""Why the doors cannot be opened as was asked."""


class CannotOpenDoors(Exception):
    """One sentence or two for a person: which option, file or name, why and what to do."""
