"""The shared words of the house. Knows no room.

Enters: nothing. Leaves: records and lineage, the exception tree, parameters, named randomness,
plugin lookup, the lexicon and exact numbers, the ledger, the budget and the run folder.
"""
