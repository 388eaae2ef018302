"""`daybook import`: what a bank booked becomes entries of our own, and is compared with the bank's own balances.

statement   a file's transactions, whatever its format; a malformed line is refused with its place
berka       the format of the PKDD'99 bank          plain    `account,date,amount,note`
booking     the transactions through the write side, many accounts at a time; each once, however often it runs
reconciling what the log says was booked against the bank's balances
verb        the command: progress and the report
"""
