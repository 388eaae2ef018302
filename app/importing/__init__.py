"""`daybook import`: books a bank's transactions as entries, and compares them with the bank's balances.

statement   a file's transactions, in any format; a malformed line is refused, with its place
berka       the format of the PKDD'99 bank          plain    `account,date,amount,note`
booking     books a file's transactions, each once, however often it runs; the report
posting     books transactions through the write side, many accounts at a time; which of them were refused
reconciling compares the entries in the log with the bank's balances
verb        the command: progress and the report
"""
