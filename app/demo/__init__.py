"""Invented accounts with steady, plausible traffic, for whoever wants to see the product alive.

cast      who takes part: tables of people, employers, landlords and shops
story     what they do: a pure function of the seed
player    gives the story's commands to the write side, at the story's pace
process   the process that plays it until it is stopped
"""
