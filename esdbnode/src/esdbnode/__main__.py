"""`python -m esdbnode` is the `esdbnode` command."""

import sys

from esdbnode.commandline import main

sys.exit(main())
