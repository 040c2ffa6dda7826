#!/bin/sh
# Run by the entrypoint of nginx's image before nginx starts: writes the site's configuration, and again whenever
# the certificate changes (certbot gets and renews it in another container), which nginx then reloads.
set -eu

certificate=/etc/letsencrypt/live/$DOMAIN/fullchain.pem
state() { sha256sum "$certificate" 2>/dev/null || true; }
write() { /daesa/nginx/site.sh >/etc/nginx/conf.d/default.conf; }

write
(
  known=$(state)
  while sleep 30; do
    now=$(state)
    if [ "$now" != "$known" ]; then
      known=$now
      write
      nginx -s reload
    fi
  done
) &
