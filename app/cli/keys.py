"""`daybook keys`: copies the keys of personal data, and destroys after a restore what came back with a copy."""

import argparse
from pathlib import Path

from app.cli.verb import Verb, with_data
from app.messages import verbs as messages
from app.refusal import Refusal
from app.settings import Settings, load


def options(parser: argparse.ArgumentParser) -> None:
    does = parser.add_mutually_exclusive_group(required=True)
    does.add_argument("--backup", metavar="FILE", help="copy the keys to a new file while Daybook runs")
    does.add_argument(
        "--destroy-deleted",
        action="store_true",
        help="after a restore: destroy the key of everyone whom the log calls deleted",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = load(arguments)
    if arguments.backup:
        print(messages.keys_copied(_copy(settings, Path(arguments.backup))))
    else:
        print(messages.keys_destroyed_again(_destroy_deleted(settings)))
    return 0


def _copy(settings: Settings, copy: Path) -> str:
    from app.processes.keys import FOLDER
    from eventstore.personal.keys import KeysUnavailable
    from eventstore.personal.sqlite import back_up

    if settings.keys_url:
        raise Refusal(messages.KEYS_ARE_ON_A_SERVER, 1)
    try:
        back_up(settings.data / FOLDER, copy)
    except KeysUnavailable as error:
        raise Refusal(str(error), 1) from None
    return str(copy)


def _destroy_deleted(settings: Settings) -> int:
    from app.processes.addresses import servers
    from app.processes.keys import destroy_deleted, open_keys
    from eventstore.esdb import EsdbLog
    from eventstore.personal.keys import KeysUnavailable
    from eventstore.store import StoreError

    with servers(settings, only_looks=True) as found:
        keys = open_keys(settings._replace(redis_url=found.redis_url))
        event_log = EsdbLog(found.esdb_uri)
        try:
            return destroy_deleted(keys, event_log)
        except (KeysUnavailable, StoreError) as error:
            raise Refusal(messages.keys_not_destroyed(str(error)), 1) from None
        finally:
            event_log.close()
            keys.close()


VERB = Verb("keys", "copy the keys of personal data, or clean a restored copy", run, (options, with_data))
