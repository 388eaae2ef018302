"""What the verbs print, apart from `up` and `import`, and why they could not do their work."""

from collections.abc import Collection
from typing import Final

from domain.quoting import quoted

# The command line.


def bad_usage(program: str, problem: str) -> str:
    return f"{program}: {problem} (see {program} --help)."


def no_such_verb(word: str, verbs: Collection[str]) -> str:
    return f"there is no verb {quoted(word)}: there are {', '.join(verbs)}"


def mistyped_verb(word: str, similar: Collection[str]) -> str:
    return f"there is no verb {quoted(word)}: did you mean {' or '.join(similar)}?"


def not_a_whole_number(text: str, most: int) -> str:
    return f"{quoted(text)} is not a whole number from 0 to {most}"


def refused(verb: str, reason: str) -> str:
    return f"daybook {verb}: {reason}"


# Servers that do not answer.


def log_silent(reason: str) -> str:
    return f"the log does not answer: {reason}"


def redis_silent(reason: str) -> str:
    return f"Redis does not answer: {reason}"


# status and parked


def state_of_read_model(
    name: str, state: str, generation: str, position: str, head: str, stopped: int, projector: str
) -> str:
    """`position` and `projector` are among those below; `generation` and `head` are numbers, or NONE and UNKNOWN."""
    return (
        f"{name}: {state}, generation {generation}, {position}, log at {head}, "
        f"{stopped} stopped streams, {projector}"
    )


def state_of_reactor(name: str, state: str, position: str, head: int, tasks: int, stuck: int) -> str:
    """`position` is one of those below. `head` is the last event in the log that concerns the reactor."""
    return (
        f"reactor {name}: {state}, {position}, log at {head}, {tasks} open tasks, of which {stuck} are stuck"
    )


NONE: Final = "none"
UNKNOWN: Final = "?"
AT_NO_POSITION: Final = "at no position yet"


def at_position(position: int) -> str:
    return f"at {position}"


NO_HEARTBEAT: Final = "no heartbeat"
NO_PROJECTOR: Final = "no projector is running"


def heartbeat(seconds: float) -> str:
    return f"heartbeat {seconds:.1f} s ago"


def stream_stopped(stream: str, revision: int, reason: str) -> str:
    return f"{stream} is stopped at its event {revision}. {reason}"


def stream_stopped_in(stream: str, revision: int, read_models: Collection[str], reason: str) -> str:
    return f"{stream} is stopped at its event {revision} in {', '.join(read_models)}. {reason}"


NO_STREAM_STOPPED: Final = "No stream is stopped."

# trace


def no_trace(correlation_id: str) -> str:
    return f"no event has the correlation id {quoted(correlation_id)}."


def not_traced(reason: str) -> str:
    """`reason` is a sentence."""
    return f"the index of correlation ids does not answer: {reason}"


def more_events(more: int, last: int) -> str:
    return f"... and {more} more; --after {last} shows the next ones."


def given_by(event: str, actor: str) -> str:
    return f"{event}  by {actor}"


# verify


def behind(name: str, position: int) -> str:
    return f"{name} is behind: it is at position {position}. A running projector brings it up to date."


def compared(position: int, head: int) -> str:
    return f"Compared up to position {position}; the log goes to position {head}."


def nothing_compared(head: int) -> str:
    return f"Nothing was compared; the log goes to position {head}."


EQUAL: Final = "Up to there, every entry, balance and total is what the log says."


def not_compared(reason: str) -> str:
    return f"could not compare: {reason}"


# keys


def keys_copied(file: str) -> str:
    return (
        f"The keys of personal data were copied to {file}. "
        "Keep it apart from copies of the log, and delete it in time."
    )


KEYS_ARE_ON_A_SERVER: Final = (
    "the keys of personal data are on the server in DAYBOOK_KEYS_URL: "
    "docs/operations.md says how to copy that one."
)


def keys_destroyed_again(people: int) -> str:
    return f"{people} keys destroyed. No deleted person has a key now."


def keys_not_destroyed(reason: str) -> str:
    """`reason` is a sentence."""
    return f"not every key of a deleted person is destroyed: run this again. {reason}"


# rebuild

NAME_A_READ_MODEL: Final = "--roll-back needs the name of a read model."


def not_a_read_model(name: str, choices: Collection[str]) -> str:
    return f"{quoted(name)} is not a read model: choose from {', '.join(choices)}."


def rebuild_failed(reason: str) -> str:
    return f"a rebuild failed, and no unproven read model was flipped: {reason}"


def not_rolled_back(name: str, reason: str) -> str:
    return f"{name} was not rolled back: {reason}"


def rolled_back(name: str, generation: int) -> str:
    return f"{name}: generation {generation} is live again; the projector brings it up to date."


def rebuilt(
    name: str,
    events: int,
    seconds: float,
    events_per_s: int,
    keys: int,
    proof_seconds: float,
    differences: int,
    generation: int,
) -> str:
    return (
        f"{name}: {events:,} events in {seconds:.1f} s ({events_per_s:,} a second), "
        f"{keys:,} keys compared in {proof_seconds:.1f} s, "
        f"{differences} differences; generation {generation} is live."
    )


def cell_differed(cell: str, live: str, rebuilt: str) -> str:
    return f"{cell}: was {live}, now {rebuilt}"


# bench, check, lock


def not_a_benchmark(name: str, choices: Collection[str]) -> str:
    return f"{quoted(name)} is not a benchmark: choose from {', '.join(choices)}."


def check_took_too_long(name: str, seconds: int) -> str:
    return f"{name} took more than {seconds} s"


def checks_failed(names: Collection[str]) -> str:
    return f"failed: {', '.join(names)}"


ALL_PASSED: Final = "all checks passed"


def document_outdated(name: str) -> str:
    return f"{name} is not what the code says; run ./daybook check --fix"


def document_written(name: str) -> str:
    return f"{name} was made again"


def locks_changed(files: Collection[str]) -> str:
    return f"changed: {', '.join(files)}"


NO_LOCK_CHANGED: Final = "no lock changed"

# mutate


def mutmut_stopped(code: int) -> str:
    return f"mutmut stopped with exit code {code}."


def mutant_unnoticed(name: str, status: str) -> str:
    return f"{name}: {status}"


def explanation_outdated(module: str) -> str:
    return f"{module}: this change no longer survives; remove its explanation"


def changes_noticed(noticed: int, changes: int, share: str, equivalent: int, unexplained: int) -> str:
    return (
        f"{noticed} of {changes} changes noticed ({share}); "
        f"{equivalent} more make no difference, {unexplained} to explain or to test."
    )
