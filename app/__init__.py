"""The composition root: settings, set-up, processes, the command line.

cli         the verbs, a file for each, and the registry that lists and parses them
setup       makes the environment, the pages' bundle, the locks; standard library only
processes   the supervisor and its child processes; the addresses of running servers
importing   turns a bank's transactions into entries
settings    flags, environment, .env
messages    what a person can read from all of these, apart from the set-up's
refusal     the reason why a command could not do its work

`daybook` (the script) parses the command line. Then `setup.bootstrap` makes what is missing and replaces the process
with `python -m app VERB`. All of that needs only the standard library.
"""
