"""`daybook verify`: the read models against the log, entry by entry."""

import argparse

import msgspec
from redis.exceptions import RedisError

from app.addresses import servers
from app.refusal import Refusal
from app.settings import load
from eventstore.esdb import EsdbLog
from eventstore.store import StoreError
from projections.audit import StandsStill, audit
from projections.engine.clients import writer
from projections.engine.generations import Gone


def verify(arguments: argparse.Namespace) -> int:
    """1 where anything differs."""
    with servers(load(arguments)) as found, writer(found.redis_url) as client:
        event_log = EsdbLog(found.esdb_uri)
        try:
            differences = audit(event_log, client)
        except (StandsStill, Gone, StoreError, RedisError) as error:
            raise Refusal(f"could not compare: {error}", 1) from None
        finally:
            event_log.close()
    if arguments.json:
        print(msgspec.json.encode({"equal": not differences, "differences": differences}).decode())
    else:
        print("\n".join(differences) or "Every entry, balance and total is what the log says.")
    return 1 if differences else 0
