"""Long work that staff start, done outside of the request.

    runner   starts a job, runs it in a thread of this process, resumes jobs of processes that have
             stopped sending heartbeats
    pages    the admin pages of a job: its progress, its report, and a button that cancels it

What a job does is a handler's: each kind of job registers one when the apps are ready
(`quotes.apps`; the handlers are `quotes.importing.job`, `quotes.deleting.job` and
`quotes.glosses.job`).

A job is a row (`StaffJob`). It is done in short transactions (`config.batches`), each of which also
stores the progress. So when a process is killed, another one continues its job from there. Two
processes never do the same job: the second one writes its own token into `runner`, and the first
one notices that in its next transaction.
"""
