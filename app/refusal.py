"""Why a command ends without having done its work."""


class Refusal(Exception):
    """One sentence for a person: what is wrong, where, what to do. `code` 2 means that nothing was begun."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code
