"""HTTP: pages and forms, the JSON API, live updates, errors. Thin: form -> command -> transact -> fragment.

Nothing is decided here, and nothing but this package knows HTTP. Templates whose names begin with `_` are
fragments: a page includes the same fragment that live updates send.
"""
