"""Why a backup is not made or not restored, each in one line.

Refused
├── BadArchive      the file is no backup, or is not as it was written
├── NewerArchive    a newer release has made it
└── BadTarget       the database is not empty, or cannot hold it
"""


class Refused(Exception):  # noqa: N818 - these say what happened
    pass


class BadArchive(Refused):
    pass


class NewerArchive(Refused):
    pass


class BadTarget(Refused):
    pass
