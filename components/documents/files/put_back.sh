#!/bin/bash
# Puts back what a deploy replaced. /opt/<service>/previous holds it: unit, env and release (a link),
# each only if there was one.
# shellcheck disable=SC2154 # service, root, live, detail, ... are set by ec2_deploy.sh

point() { ln -sfn -- "$1" "$2.new" && mv -T -- "$2.new" "$2"; }

keep_previous() {
  local kept=$root/previous.new
  rm -rf -- "$kept" && mkdir -m 0700 -- "$kept"
  if [ -e "$live" ]; then cp -p -- "$live" "$kept/unit"; fi
  if [ -e "$root/.env" ]; then cp -p -- "$root/.env" "$kept/env"; fi
  if [ -L "$root/current" ]; then cp -P -- "$root/current" "$kept/release"; fi
  rm -rf -- "$root/previous" && mv -T -- "$kept" "$root/previous"
}

keep_last_run() { # of a job, with its log, until the new release has succeeded
  systemctl stop "$service.service" 2>/dev/null || true
  if ! has_container "$service"; then return; fi
  docker rm --force "$service-before" >/dev/null 2>&1 || true
  docker rename "$service" "$service-before"
}

put_back() { # exactly the unit, .env and links from before; the old service serves again
  local kept=$root/previous why=$detail
  systemctl stop "$service.service" 2>/dev/null
  docker rm --force "$service" >/dev/null 2>&1
  if [ -e "$kept/unit" ]; then cp -p -- "$kept/unit" "$live"
  else systemctl disable --quiet "$service.service" 2>/dev/null; rm -f -- "$live"; fi
  if [ -e "$kept/env" ]; then cp -p -- "$kept/env" "$root/.env"; else rm -f -- "$root/.env"; fi
  if [ -L "$kept/release" ]; then point "$(readlink -- "$kept/release")" "$root/current"
  else rm -f -- "$root/current" "$root/deploy"; fi
  rm -rf -- "$kept"
  systemctl daemon-reload
  systemctl reset-failed "$service.service" 2>/dev/null
  if has_container "$service-before"; then docker rename "$service-before" "$service"; fi
  if [ ! -e "$live" ] || [ "$(setting Kind "$live")" = job ]; then return; fi
  # shellcheck disable=SC2034 # wait_healthy reads it
  deadline=$(($(now) + 30000000)) detail=''
  systemctl restart "$service.service"
  wait_healthy "$service" "$(health_url "$live")" "$(restarts)"
  detail=$why${detail:+; the version before is not healthy either: $detail}
}

finish() { # every way out of a deploy that did not reach its end
  trap - EXIT ERR && set +eE
  local outcome running
  show_logs
  docker rm --force "$service-candidate" >/dev/null 2>&1
  rm -f -- "$root/.env.new"
  if [ "$switched" = yes ]; then say "putting back ${before:-nothing: this was the first}" && put_back; fi
  read -r outcome running < <(in_place)
  # What came back is a job whose last run had failed, or a service that serves.
  if [ "$outcome" != absent ] && [ -n "$running" ]; then report put-back "$running"; else report failed; fi
  exit 1
}

restore() {
  if [ -d "$root/previous" ] && [ -L "$root/current" ] && [ "$(version_at "$root/current")" = "$1" ]; then
    set +eE
    before=$1
    put_back
  fi
}
