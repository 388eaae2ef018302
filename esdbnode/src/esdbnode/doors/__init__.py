"""Who may connect to a node with TLS and users, and what they may do.

opening.py    which options go together: other machines are served only with TLS and users
tls.py        the certificate and its key
users.py      the users file: names, groups, argon2id hashes
passwords.py  hashing and checking, in a thread, a bounded number at a time
signin.py     from `authorization: Basic ...` to a user; a credential that was right is remembered
rights.py     EventStoreDB's rules: administrators, stream ACLs, defaults
keeper.py     all of these together: the answers to what the Streams service asks (`esdbnode.access`)
refusal.py    why the node cannot be opened as asked
"""
