import signal
import sys

from app.commandline import Verb, parse
from app.refusal import Refusal


def main() -> int:
    # A shell starts its background jobs with SIGINT ignored; who sends one to a verb means it all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = parse(sys.argv[1:])
    verb: Verb = arguments.verb
    try:
        return verb.load()(arguments)
    except Refusal as refusal:
        print(f"daybook {verb.name}: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130


sys.exit(main())
