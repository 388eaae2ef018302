"""Old data of account events -> data of the next version. Pure functions on data, chained by the vocabulary."""

from typing import Any


def name_the_holder(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 of AccountCreated called the holder `user_id`."""
    others = {name: value for name, value in data.items() if name != "user_id"}
    return {**others, "holder": data.get("user_id")}


def add_reference(data: dict[str, Any]) -> dict[str, Any]:
    """Entries of version 1 had no reference."""
    return {**data, "reference": ""}
