"""Every sentence of the command line and its processes that a person can meet: the list to review when wording changes.

running    settings, the data folder, ports; the supervisor and the parts that it runs
verbs      what the other verbs print, and why they could not do their work
people     what `daybook user` says
accounts   `account` and `test-from`
transfers  `transfer`
importing  a bank's file: what is wrong with it, and what became of it

A message with placeholders is a function. Its caller formats everything apart from text and numbers. What the set-up
says is in app/setup/messages.py. Standard library only, because the command line is read before anything is installed.
"""
