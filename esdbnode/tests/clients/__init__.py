"""What the node promises, held through each client library by one suite: the rules are written once.

Each library runs in a process of its own (driver.py), in its own environment, and is asked over a pipe (asking.py).
"""
