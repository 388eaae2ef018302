"""Why the node cannot start with these options for security."""


class CannotSecure(Exception):
    """One or two sentences for the user: which option, file or name is wrong, why, and what to do."""
