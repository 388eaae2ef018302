"""The composition root: settings, set-up, processes, the command line.

cli         the verbs, one a file, and the registry that lists and parses them
setup       makes the environment, the pages' bundle, the locks; standard library only
processes   the supervisor and what it starts; where the running servers are
importing   a bank's transactions become entries
settings    flags, environment, .env
refusal     why a command ends without having done its work

`daybook` (the script) parses the command line, lets `setup.bootstrap` make what is missing, and then becomes
`python -m app VERB`. All of that needs nothing but the standard library.
"""
