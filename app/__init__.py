"""The composition root: settings, wiring, processes, the command line.

`daybook` (the script) runs `bootstrap`, which makes the environment and the pages' vendor bundle where they
are missing and then becomes `python -m app VERB`. Up to there, and in the supervisor, only the standard
library is imported.
"""
