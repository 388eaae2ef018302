"""The command line: a file for each verb, with its options and its code; `registry` lists them.

The verbs are imported to parse the command line, before anything is installed. So a verb's module imports at its
top only the standard library, settings, refusals and the set-up; its functions import the rest.
"""
