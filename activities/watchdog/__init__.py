"""
The watchdog: compares what is due in the record with what happened, and the record with the workflows that run.

    findings    the codes, each with its remedy
    archived    which complaints are closed for good and not in the archive
    record      what the record alone shows, in a few statements whatever the number of cases
    server      what Temporal shows beside it
    children    which slips and reviews were ended from outside
    asking      how many events running complaints have, and how many of them are on record
    waiting     what running complaints wait for, where the record does not say so
    steps       looking, writing down, repairing what is safe, telling

A schedule of Temporal can stop without a word while its description looks right (temporal issue 11869), and a timer
rings only while somebody serves it: so what should have happened is asked of the record, which knows it by itself.
"""
