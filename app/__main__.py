import os
import signal
import sys
from typing import Final

from app.cli.registry import parse
from app.cli.verb import Verb
from app.messages import verbs as messages
from app.refusal import Refusal
from app.setup.bootstrap import Needs

PRIVATE: Final = 0o077
"""The umask under which Daybook's files are made: only their owner can read them."""


def main() -> int:
    # A shell starts its background jobs with SIGINT ignored. A SIGINT that is sent to a verb still has to end it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = parse(sys.argv[1:])
    verb: Verb = arguments.verb
    if Needs.TOOLS not in verb.needs:  # what the developers' verbs write belongs to the project's files
        os.umask(PRIVATE)
    try:
        return verb.run(arguments)
    except Refusal as refusal:
        print(messages.refused(verb.name, str(refusal)), file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has enough; nothing more is flushed at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


sys.exit(main())
