"""Notice that Redis has lost keys of a live read model, and withdraw it. The projector then builds it again.

The commit script counts the keys that it creates (`keys` in `meta`), and nothing removes a key of a live generation. So
one that has fewer has lost some, also if a later batch has created a part of them again.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import redis

from projections import messages
from projections.engine import keys
from projections.engine.generations import key_names
from projections.engine.keys import Pointer, pointer, prefix_of
from projections.engine.readmodel import ReadModel

log: Final = logging.getLogger("daybook.projector")

CHECK_EVERY: Final = 5.0
"""Seconds between two checks; more if checks take long, so that they take about a twentieth of the time."""
_TWENTY: Final = 20

WITHDRAW: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
"""Leave no generation live, if it is still the one that the pointer ARGV[1] names."""

Models = Sequence[ReadModel[Any]]


@contextmanager
def watching_for_losses(client: redis.Redis, models: Models) -> Iterator[None]:
    """During the block, live generations of `models` that have lost keys are withdrawn."""
    stop = threading.Event()
    work = threading.Thread(target=_watch, args=(client, models, stop), name="losses", daemon=True)
    work.start()
    try:
        yield
    finally:
        stop.set()
        work.join(timeout=5)


def _watch(client: redis.Redis, models: Models, stop: threading.Event) -> None:
    pause = CHECK_EVERY
    while not stop.wait(pause):
        started = time.monotonic()
        try:
            for model in models:
                withdraw_if_lossy(client, model.name, stop)
        except redis.RedisError as error:
            log.debug("Not checked for lost keys: %s", error)
        pause = max(CHECK_EVERY, _TWENTY * (time.monotonic() - started))


def withdraw_if_lossy(client: redis.Redis, name: str, stop: threading.Event) -> None:
    found = pointer(client.get(keys.live(name)))
    if found is None or not (lost := _lost(client, name, found, stop)):
        return
    if client.eval(WITHDRAW, 1, keys.live(name), str(found)):
        log.warning(messages.keys_lost(lost, name, found.number))


def _lost(client: redis.Redis, name: str, found: Pointer, stop: threading.Event) -> int:
    """0 also if it is not known how many there were, as in generations of earlier releases."""
    prefix = prefix_of(name, found.number)
    uncounted = {f"{prefix}meta".encode(), f"{prefix}changes".encode()}
    checkpoint, created = client.hmget(f"{prefix}meta", ["checkpoint", "keys"])
    if checkpoint is None:
        return 1
    there = 0
    for batch in key_names(client, name, found.number):
        there += sum(key not in uncounted for key in batch)
        if stop.is_set():
            return 0
    return max(0, int(created or 0) - there)
