"""The log of a verb, for as long as the verb asks it, and refusals in the words of the command line."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from app.messages import verbs
from app.processes.addresses import Servers, servers
from app.processes.children import helper
from app.refusal import Refusal
from app.settings import ACTOR, Settings
from commands.context import Context
from commands.deciding import WrongVersion
from commands.handler import TooContended
from domain.errors import DomainError, InvalidInput
from eventstore.esdb import EsdbStore
from eventstore.store import StoreError, StreamStopped
from web.http.inputs import BadInput

T = TypeVar("T")

Answer = Mapping[str, Any]
"""What a verb prints as JSON."""


def answered(
    settings: Settings,
    ask: Callable[[EsdbStore], Coroutine[Any, Any, T]],
    *,
    only_looks: bool = False,
    reacts: bool = False,
) -> T:
    """`reacts`: something follows that reactors do. If no servers run, the reactors are started with them.

    Refusal with code 2 if the input makes no sense, 1 if a rule or the log refuses.
    """
    with servers(settings, only_looks=only_looks) as found:
        if reacts and found.own:
            with _reactors(settings, found):
                return _answered(found, ask)
        return _answered(found, ask)


@contextmanager
def _reactors(settings: Settings, found: Servers) -> Iterator[None]:
    there = settings._replace(esdb_uri=found.esdb_uri, redis_url=found.redis_url, log="warning")
    with helper(["reactor"], there.variables()) as process:
        assert process.stdout
        with process.stdout:
            yield


def _answered(found: Servers, ask: Callable[[EsdbStore], Coroutine[Any, Any, T]]) -> T:
    with refusals():
        return asyncio.run(_with_store(found.esdb_uri, ask))


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (BadInput, InvalidInput) as error:
        raise Refusal(str(error)) from None
    except (DomainError, TooContended, WrongVersion) as error:
        raise Refusal(str(error), 1) from None
    except StreamStopped as error:
        raise Refusal(verbs.stream_stopped(error.stream, error.revision, error.reason), 1) from None
    except StoreError as error:
        raise Refusal(verbs.log_silent(str(error)), 1) from None


async def _with_store(uri: str, ask: Callable[[EsdbStore], Coroutine[Any, Any, T]]) -> T:
    store = EsdbStore(uri)
    try:
        return await ask(store)
    finally:
        await store.close()


def context_of(command_id: UUID, now: datetime) -> Context:
    return Context(
        command_id=command_id, correlation_id=str(uuid4()), causation_id=command_id, actor=ACTOR, at=now
    )
