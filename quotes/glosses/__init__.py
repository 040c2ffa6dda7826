"""Glosses: what a line means, in one sentence in the line's language, by which it is found although
a question shares no word with it. A model writes them and staff review them (ADR 0040).

    prompt        what the model is told of a line
    checks        what of a model's text is taken for a gloss
    asking        asks for many lines at a time, again after a moment, and stops when it is no use
    write         which lines have no gloss, and the statements that store one
    job           the same for the lines that staff have chosen, as a job
    admin_gloss   the page on which staff confirm, edit or remove the gloss of a line

`provide_glosser` sets the function that asks the model's server; `chat` does so at start.
"""
