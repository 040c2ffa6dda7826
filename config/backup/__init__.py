"""Backups: one archive of everything that is stored, whatever the database (docs/adr/0046).

`archive` is the file: a sealed zip. `manifest` says what is in it, `rows` reads and writes tables,
`snapshot` shows the database as it is at one moment. `dump` makes a backup; `checks` compares one
with its manifest and with this release; `restore` fills an empty database by way of `scratch`.
`times` tells when the last ones succeeded.
"""
