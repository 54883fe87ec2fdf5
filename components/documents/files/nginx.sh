#!/bin/bash
# nginx owns the published ports: which container it leads to is one file for each service.
# shellcheck disable=SC2034,SC2154 # service, root, here, ... are set by ec2_deploy.sh

site_text() { # port, port of the old container or nothing
  sed -e "s|__PORT__|$1|; s|__ID__|$1${2:+-$2}|" \
    -e "s|^ *# __BACKUP__.*|${2:+  server 127.0.0.1:$2 backup;}|" "$here/nginx/$service.conf"
}

nginx_answers() { # what it says to this machine alone, on the first published port
  curl --silent --output /dev/null --max-time 2 --dump-header - \
    "http://127.0.0.1:$(setting Publish | cut -d' ' -f1)$(setting Health)" |
    sed -n 's/^[Xx]-[Ss]lipway-[Uu]pstream: *\([0-9-]*\).*/\1/p'
}

reload_nginx() {
  if systemctl is-active --quiet nginx.service; then systemctl reload nginx.service
  else systemctl start nginx.service; fi
}

point_nginx() { # port, port of the old container or nothing: it answers where the new one doesn't
  local said wanted=$1${2:+-$2} end seen=0
  exec 8>/run/slipway/nginx.lock && flock 8
  site_text "$@" >"$site.new"
  if cmp -s -- "$site.new" "$site" && [ "$(nginx_answers)" = "$wanted" ]; then
    rm -f -- "$site.new" && exec 8>&- && return 0
  fi
  rm -f -- "$site.before"
  if [ -e "$site" ]; then cp -p -- "$site" "$site.before"; fi
  mv -T -- "$site.new" "$site"
  step nginx-written
  if ! said=$(nginx -t 2>&1); then
    detail="nginx refuses $site: $(printf '%s' "$said" | head -n 1)"
    site_before && exec 8>&- && return 1
  fi
  reload_nginx
  step nginx-reloaded
  end=$(($(now) + 10000000))
  # Workers from before may take a connection still: three answers in a row are new ones'.
  until ((seen == 3)); do
    if [ "$(nginx_answers)" = "$wanted" ]; then seen=$((seen + 1)); else seen=0 && sleep 0.05; fi
    if (($(now) > end)); then
      detail="nginx did not take $site: does something else hold a port of $(setting Publish)? See journalctl -u nginx and /var/log/nginx/error.log"
      site_before && exec 8>&- && return 1
    fi
  done
  rm -f -- "$site.before"
  exec 8>&-
}

site_before() { # back to the file from before
  if [ -e "$site.before" ]; then mv -T -- "$site.before" "$site"; else rm -f -- "$site"; fi
  reload_nginx || true
}

close_nginx() { # nobody serves any more
  if [ ! -e "$site" ]; then return 0; fi
  rm -f -- "$site" "$site.before"
  reload_nginx || true
}
