"""What may happen. Pure: no I/O, no clock, no ids of its own.

decider       the shape of every aggregate: initial, decide, evolve; and `fold`
vocabulary    every event of the log: wire name, class, version, upcasters
identifiers   ids as types, one parser each
money         integer minor units and ISO 4217 currencies
dates         the days from which entries may count
marks         the characters that no note, reference or name holds
notes         notes and references of entries
quoting       input from outside in a sentence
idempotency   one effect per command id
errors        refusals, each named for the rule it protects
messages      the sentences of refusals
accounts/     the aggregate `account`
users/        the aggregate `user`: a person who holds accounts
"""
