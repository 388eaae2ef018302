"""Why the node cannot be opened as asked."""


class CannotOpenDoors(Exception):
    """One or two sentences for a person: which option, file or name is wrong, why, and what to do."""
