"""One file a benchmark, each runnable alone (`python -m benchmarks.live`), each printing a table and a line of JSON.

They measure the running product from outside: `./daybook up` on a data folder of its own, the command line, HTTP.
"""
