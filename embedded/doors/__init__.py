"""Who comes in and what they may do, on a node with TLS and users.

opening.py    which options go together: beyond this machine only with TLS and users
tls.py        the certificate and its key
users.py      the file of users: names, groups, argon2id hashes
passwords.py  hashing and checking, in a thread, so many at a time
signin.py     `authorization: Basic ...` to a user; a credential that was right is remembered
rights.py     EventStoreDB's rules: administrators, stream ACLs, defaults
keeper.py     the three together: what the Streams service asks, as `embedded.access` has it
refusal.py    what is said when it cannot be done
"""
