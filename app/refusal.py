"""The reason why a command could not do its work."""


class Refusal(Exception):
    """One sentence for a person: what is wrong, where, what to do. `code` 2 means that no work was started."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code
