"""What has to be there before a verb can run. Needs the standard library alone, since it runs before anything else.

bootstrap    makes what a verb needs, then becomes the verb
environment  Python environments made from the files in locks/
bundle       the pages' scripts and font, from npm
browser      a Chromium for the tests
kurrent      an environment with KurrentDB's client for the tests
locking      makes the files in locks/
"""
