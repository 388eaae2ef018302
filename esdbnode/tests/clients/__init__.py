"""One suite that runs through each client library, so that the node's rules are written once.

Each library runs in a process of its own (driver.py), in its own environment, and is asked over a pipe (asking.py).
"""
