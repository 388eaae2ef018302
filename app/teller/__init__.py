"""Accounts and transfers from the command line. Read it in this order:

actions    what can be asked for, and the words of each: the table behind `daybook account --help`
commands   from those words to a command
booking    the command's effect, or the account as it is, from the log
transfers  the same of transfers: a request and its end, or the transfer as it is
asking     the log of a verb, and refusals in its words
"""
