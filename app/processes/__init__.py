"""The processes that Daybook runs: what each is, and how it is started."""
