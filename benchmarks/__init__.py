"""A module or package for each benchmark. Each can be run by itself (`python -m benchmarks.idle`) and prints a table
and JSON.

They measure the running product from outside: `./daybook up` with a new data folder, the command line, HTTP.
"""
