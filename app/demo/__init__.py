"""Invented accounts with steady, plausible traffic, to show the product at work.

cast      who takes part: tables of people, employers, landlords and shops
story     what they do: a pure function of the seed
player    sends the story's commands to the write side, at the story's pace
process   the process that plays it until it is stopped
"""
