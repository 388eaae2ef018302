"""The write side: load, fold, decide, append; what happens on a conflict, a repetition or a lost reply."""
