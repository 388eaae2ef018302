"""`daybook parked`: the streams that are stopped, with the reason."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.status import read_models
from app.cli.verb import Verb, with_data, with_json
from app.messages import verbs as messages
from app.settings import load

if TYPE_CHECKING:
    from projections.engine.stopped import Stopped


def run(arguments: argparse.Namespace) -> int:
    import msgspec

    from app.processes.addresses import servers

    with servers(load(arguments), only_looks=True) as found:
        models = read_models(found.redis_url)
    stopped: dict[str, Stopped] = {each.stream: each for model in models for each in model.stopped}
    for stream, each in stopped.items():
        names = [model.name for model in models if any(one.stream == stream for one in model.stopped)]
        if arguments.json:
            print(msgspec.json.encode(msgspec.structs.asdict(each) | {"read_models": names}).decode())
        else:
            print(messages.stream_stopped_in(stream, each.revision, names, each.reason))
    if not stopped and not arguments.json:
        print(messages.NO_STREAM_STOPPED)
    return 0


VERB = Verb("parked", "the streams that are stopped, and why", run, (with_json, with_data))
