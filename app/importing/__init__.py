"""`daybook import`: books a bank's transactions as entries, and compares them with what the log has.

statement    a file's lines                               packed   many small items in few bytes
formats      what a file is that is not one of ours       table    the records of a CSV file, and its bad lines
values       amounts, days and ids in a record            text     notes: what is booked, and when two are the same
berka        the format of the PKDD'99 bank               plain    `account,date,amount,note,balance`
arranging    the order of the lines: by day               ordering  within a day, by the balances
reading      the events of the file's accounts            surveying  what the log has of them
refusing     what refuses the whole file then             matching  lines against entries, both ways
booking      the whole: compare, book, reconcile          posting   books lines through the write side, each once
reconciling  what was booked against the bank's balances  findings  what was matched, for the report
report       what became of it, as data                   telling   in words
recording    the record of it in the log              summing   the report as the log keeps it
contexts     as whose that is recorded
verb         the command: progress and the report

importer     imports from pages, each in a process of its own
carrying     what such a process does                 uploads   the files that people gave to a page
"""
