"""Who may connect to a node with TLS and users, and what they may do.

setup.py      which options go together: other machines are served only with TLS and users
tls.py        the certificate and its key
users.py      the users file: names, groups, argon2id hashes
passwords.py  hashing and checking, in a thread, a bounded number at a time
signin.py     from `authorization: Basic ...` to a user; a correct credential is remembered
rights.py     EventStoreDB's rules: administrators, stream ACLs, defaults
access_control.py  all of these together: implements `esdbnode.access` for the Streams service
refusal.py    why the node cannot start with these options
"""
