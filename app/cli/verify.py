"""`daybook verify`: compares the read models with the log, entry by entry."""

import argparse
from collections.abc import Sequence

from app.cli.verb import Verb, with_data, with_json
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import load


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 1 if anything differs."""
    import msgspec

    differences = _differences(arguments)
    if arguments.json:
        print(msgspec.json.encode({"equal": not differences, "differences": differences}).decode())
    else:
        print("\n".join(differences) or messages.ALL_EQUAL)
    return 1 if differences else 0


def _differences(arguments: argparse.Namespace) -> Sequence[str]:
    from redis.exceptions import RedisError

    from app.processes.addresses import servers
    from eventstore.esdb import EsdbLog
    from eventstore.store import StoreError
    from projections.audit import StandsStill, audit
    from projections.engine.clients import writer
    from projections.engine.generations import Gone

    with servers(load(arguments)) as found, writer(found.redis_url) as client:
        event_log = EsdbLog(found.esdb_uri)
        try:
            return audit(event_log, client)
        except (StandsStill, Gone, StoreError, RedisError) as error:
            raise Refusal(messages.not_compared(str(error)), 1) from None
        finally:
            event_log.close()


VERB = Verb("verify", "compare the read models with the log", run, (with_json, with_data))
