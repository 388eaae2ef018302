"""Makes what a verb needs before it can run. Needs only the standard library, because it runs first.

bootstrap    makes what a verb needs, then replaces the process with the verb
environment  Python environments made from the files in locks/
bundle       the pages' scripts and font, from npm
browser      a Chromium for the tests
kurrent      an environment with KurrentDB's client for the tests
locking      makes the files in locks/
messages     what the set-up says
"""
