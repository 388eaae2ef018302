"""Keeps read models current. It does not know what they hold.

readmodel     what a read model is                  facts         events, decoded once for all read models
writes        what a projection asks for, as data   commit        one script: all of a batch, or nothing
folding       the writes of a batch                 advance       fold, commit
                                                    runner        the projector
inbox         from the thread that reads the log    heartbeat     the projector's heartbeat
generations   created, filled, published            filling       builds what is missing, next to the runner
rebuild       fill a new one, prove it, flip        compare       two generations, cell by cell
losses        notices keys that Redis has lost      server        why a Redis cannot keep read models
reading       the live generation, for queries      paging        long sorted sets, a page at a time
changes       what changes, for live pages          status        how far each read model is
snapshots     where the write side keeps states
"""
