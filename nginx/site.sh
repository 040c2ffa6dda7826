#!/bin/sh
# Prints nginx/daesa.conf with daesa-server.inc put in, for a site. Variables:
#   DOMAIN         the site's name; required
#   UPSTREAM       where Daesa listens (127.0.0.1:8000). A name with a port, such as web:8000, is looked up again
#                  and again by RESOLVER (127.0.0.11, Docker's), which needs nginx 1.27.3 or newer
#   CERTIFICATES   where the certificates are (/etc/letsencrypt/live)
#   WEBROOT        where certbot puts its challenges (/var/www/html)
#   DATA_DIR       as Daesa has it (/var/lib/daesa)
#   MAINTENANCE    the file that switches maintenance on (/etc/nginx/daesa-maintenance)
#   LOG            the access log (/var/log/nginx/daesa.log)
# Until there is a certificate, only the server for plain HTTP is printed, by which certbot gets one.
set -eu
cd "$(dirname "$0")"

case ${DOMAIN-} in
  '' | *[!A-Za-z0-9.-]*)
    echo "site.sh: DOMAIN must be the site's name, such as daesa.example" >&2
    exit 1 ;;
esac
upstream=${UPSTREAM:-127.0.0.1:8000}
case $upstream in
  *[!A-Za-z0-9.:-]*)
    echo "site.sh: UPSTREAM must be like 127.0.0.1:8000 or web:8000" >&2
    exit 1 ;;
  *[A-Za-z]*)
    server="zone daesa 64k;\n    resolver ${RESOLVER:-127.0.0.11} valid=10s;\n    server $upstream resolve;" ;;
  *)
    server="server $upstream;" ;;
esac
certificates=${CERTIFICATES:-/etc/letsencrypt/live}

servers() {
  if [ -e "$certificates/$DOMAIN/fullchain.pem" ]; then
    cat daesa.conf
  else
    sed '/^server {/,/^}/{/^}/q}' daesa.conf
  fi
}

servers | sed -e '/^    include daesa-server\.inc;$/{r daesa-server.inc' -e 'd}' | sed \
  -e "s|server 127\.0\.0\.1:8000;|$server|" \
  -e "s|daesa\.example|$DOMAIN|g" \
  -e "s|/etc/letsencrypt/live|$certificates|" \
  -e "s|/var/www/html|${WEBROOT:-/var/www/html}|" \
  -e "s|root /var/lib/daesa;|root ${DATA_DIR:-/var/lib/daesa};|" \
  -e "s|/etc/nginx/daesa-maintenance|${MAINTENANCE:-/etc/nginx/daesa-maintenance}|" \
  -e "s|/var/log/nginx/daesa\.log|${LOG:-/var/log/nginx/daesa.log}|"
