"""Live updates. Read hub.py first, then regions.py. It knows no noun: the regions are handed in."""
