import signal
import sys

from app.cli.registry import parse
from app.cli.verb import Verb
from app.refusal import Refusal


def main() -> int:
    # A shell starts its background jobs with SIGINT ignored. A SIGINT that is sent to a verb still has to end it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = parse(sys.argv[1:])
    verb: Verb = arguments.verb
    try:
        return verb.run(arguments)
    except Refusal as refusal:
        print(f"daybook {verb.name}: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130


sys.exit(main())
