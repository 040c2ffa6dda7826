#!/bin/sh
# `backup.sh backup` writes a backup into BACKUPS and keeps the newest KEEP ones; `backup.sh rehearse` restores the
# newest one beside the database, compares it and drops it again. Run by daesa-backup.service and
# daesa-rehearsal.service, in the project's directory.
set -eu

backups=${BACKUPS:-/var/lib/daesa-backups}
keep=${KEEP:-14}
manage() { "${PYTHON:-.venv/bin/python}" manage.py "$@"; }
newest_first() { find "$backups" -maxdepth 1 -name 'daesa-*.zip' | sort -r; }

case ${1-} in
  backup)
    file=$backups/daesa-$(date -u +%Y%m%d-%H%M%S).zip
    rm -f "$backups"/daesa-*.part # of a backup that was interrupted
    manage backup "$file.part"
    mv "$file.part" "$file"
    newest_first | tail -n "+$((keep + 1))" | while read -r old; do rm "$old"; done
    ;;
  rehearse)
    file=$(newest_first | head -n 1)
    [ -n "$file" ] || { echo "backup.sh: there is no backup in $backups" >&2; exit 1; }
    manage rehearse_restore "$file"
    ;;
  *)
    echo "backup.sh: backup or rehearse" >&2
    exit 1
    ;;
esac
