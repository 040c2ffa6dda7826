"""Comparing the quotations of an answer with the lines of the board (ADR 0012). `verify` is the
entry point. An answer passes through these, in this order:

    reading       the answer as its reader sees it, without Markdown (parsed by `markdown`)
    spans         where the answer may quote (`marks` finds pairs of quotation marks)
    divided       which of them are parts of one quotation, between which its speaker is named
    parts         the sentences and verses of each span
    matches       which lines of the board have such words (`align`, `letters`, `term_candidates`)
    pieces        which of the matches explain the answer best, and which quoted words none explains
    judgement     the verdict on words beside a line (`compare` says how they differ)
    claims        whether words that no line has are claimed to be a line
    attribution   whether another speaker is named (`forms`, `names`, `surroundings`)
    repair        replaces what differs from the board, as QUOTE_POLICY says
"""
