"""Personal data in the log: sealed with a key for each person, which is kept outside the log and can be destroyed.

keys      the port to the keys
sealing   text in, sealed text out
sqlite    keys in a file of this machine
shared    keys on a server that several machines use
"""
