"""A recorded stream as a given/when/then test, without personal data. Read it in this order:

reading    the stream's events, and the ones that one command led to
neutral    the same events without ids of accounts and people, and without texts that people wrote
accounts   from an account's event back to the commands that it can have come from
users      the same for a person's event
kinds      what is needed for each category of streams
source     values as Python source
module     the test
"""
