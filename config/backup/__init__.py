"""Backups: one archive of everything that is stored, whatever the database (docs/adr/0046).

    archive    the file: a zip with a digest of all its bytes
    manifest   what is in it
    tables     which tables are in a backup
    rows       reads and writes the rows of a table
    snapshot   shows the database as it is at a single moment
    dump       makes a backup
    checks     compares a backup with its manifest and with this release
    scratch    a place beside the database
    restore    fills an empty database from a backup, by way of such a place
    command    how the commands end, and what those that read a backup share

`chat.turns.task_times` tells when the last backup and the last rehearsed restore succeeded.
"""
