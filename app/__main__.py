import sys

from app.commandline import Verb, parse
from app.refusal import Refusal


def main() -> int:
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
