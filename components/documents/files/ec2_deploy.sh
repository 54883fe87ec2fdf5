#!/bin/bash
# Deploys one service of this bundle on this machine, or says what runs.
#
#   ec2_deploy.sh VERSION IMAGE          IMAGE is registry/repository:tag@sha256:digest
#   ec2_deploy.sh --restore VERSION      puts back what VERSION replaced, if VERSION is in place
#   ec2_deploy.sh --status               reads back what really runs
#   ec2_deploy.sh --refused REASON       the same, after a bundle that was not unpacked
#   ec2_deploy.sh --prepare SERVICE      the unit's ExecStartPre: its container, from .env
#   ec2_deploy.sh --follow SERVICE       a service's ExecStart: its log, for as long as it runs
#   ec2_deploy.sh --run SERVICE          a job's ExecStart: its run
#
# From the environment: SLIPWAY_SERVICE, SLIPWAY_KIND, SLIPWAY_TIMEOUT (seconds), SLIPWAY_BY. The
# last line of output is one JSON object; the exit code is 0 or 1. /opt/<service> holds releases/,
# `current` (a link to the last completed one, which moves last), previous, deploy, .env, .lock.
set -Eeuo pipefail
PATH=$PATH:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
umask 022
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
release=$(dirname -- "$here")
# shellcheck source=components/documents/files/machine.sh
. "$here/machine.sh"
# shellcheck source=components/documents/files/container.sh
. "$here/container.sh"
# shellcheck source=components/documents/files/environment.sh
. "$here/environment.sh"
# shellcheck source=components/documents/files/nginx.sh
. "$here/nginx.sh"
# shellcheck source=components/documents/files/settle.sh
. "$here/settle.sh"
# shellcheck source=components/documents/files/unit.sh
. "$here/unit.sh"

service=${SLIPWAY_SERVICE:-$(basename -- "$(dirname -- "$(dirname -- "$release")")")}
case ${1:-} in --prepare | --follow | --run) service=${2:?SERVICE} ;; esac
root=/opt/$service run=/run/slipway/$service
live=/etc/systemd/system/$service.service site=/etc/nginx/conf.d/slipway-$service.conf
action=deploy committed=no detail='' before='' mark=$(now)
deadline=$((mark + ${SLIPWAY_TIMEOUT:-600} * 1000000))
declare -A took=([download]="${SLIPWAY_DOWNLOAD_MS:-0}" [login]=0 [pull]=0 [candidate]=0 [switch]=0
  [bake]=0 [drain]=0 [health]=0)

# A test names a boundary in this file, and the script is gone there as if the machine had been.
step() { if [ "$(cat /run/slipway/die-at 2>/dev/null)" = "$1" ]; then kill -9 $$; fi; }

load() { # the settings of a release's unit
  release=$1 unit=$1/deploy/systemd/$service.service here=$1/deploy
  [ -f "$unit" ] || die "$release holds no unit for $service"
  kind=$(setting Kind) name=$(setting Container)
}

switch() { # service: the new container beside the old one, traffic to it, and a look at it
  local port old
  mark=$(now)
  start_container "$name-next" "$run/env.new"
  step started
  until_deadline "$(setting Timeout)"
  port=$(port_of "$name-next")
  wait_healthy "$name-next" "http://127.0.0.1:$port$(setting Health)" || exit 1
  [ "$(digest_of "$name-next")" = "$digest" ] || die "runs $(digest_of "$name-next"), not $digest"
  lap candidate
  step healthy
  old=$(serving_container)
  make_way
  point_nginx "$port" "${old:+$(port_of "$old")}" || exit 1
  lap switch
  step switched
  bake "http://127.0.0.1:$port$(setting Health)" || exit 1
  lap bake
  step baked
}

run_once() { # job: the run is the proof
  if [ "$action" = restore ] || [ "$(setting AtDeploy)" = no ]; then
    install_release "$release"
    return 0
  fi
  systemctl stop "$service.service" 2>/dev/null || true
  remove_containers "$name-before"
  if has_container "$name"; then docker rename "$name" "$name-before"; fi
  install_release "$release"
  step installed
  until_deadline "$(setting Timeout)"
  timeout "$(left)" systemctl restart "$service.service" || {
    local code=$?
    if [ "$code" = 124 ]; then detail="did not end in time"
    else detail="its run failed, exit code of its container: $(exit_of "$name")"; fi
    if [ "$(setting MustSucceed)" = yes ]; then exit 1; fi
    say "$detail; it need not succeed (must_succeed: false)"
  }
  [ -n "$detail" ] || [ "$(digest_of "$name")" = "$digest" ] || die "ran $(digest_of "$name"), not $digest"
  lap switch
}

commit() { # from here on this is the release that a boot starts
  local target
  target=releases/$(basename -- "$release")
  rm -rf -- "$root/previous" "$root/.first"
  if [ "$action" = deploy ]; then
    if [ -L "$root/current" ]; then point "$(readlink -- "$root/current")" "$root/previous"
    else touch "$root/.first"; fi
  fi
  point "$target" "$root/current"
  touch "$release/.used" "$run/deployed"
  committed=yes
  step committed
}

put_in_place() { # version, image: of the release that is loaded
  version=$1 image=$2
  read_image
  touch "$root/.deploying"
  write_env "$run/env.new" || exit 1
  check_needs "$run/env.new"
  step checked
  pull "$image" "$unit" || exit 1
  step pulled
  remove_containers "$name-next"
  if [ "$kind" = service ]; then switch; else run_once; fi
  commit
  if [ "$kind" = service ]; then settle "$name-next"; else settle "$name"; fi
}

deploy() { # version, image
  local mine=$release
  load "$mine"
  [ "${SLIPWAY_KIND:-$kind}" = "$kind" ] || die "the bundle holds a $kind, not a $SLIPWAY_KIND"
  step locked
  keep_converging
  if [ -e "$root/.deploying" ]; then
    say "an earlier deploy was cut off: first back to the last completed release"
    settle "$name"
    load "$mine"
  fi
  step settled
  if [ -s "$release/image" ] && [ "$(cat "$release/image")" != "$2" ]; then
    die "$release is of $(cat "$release/image"): give the new image a release of its own"
  fi
  printf '%s\n' "$2" >"$release/image.new" && mv -T -- "$release/image.new" "$release/image"
  put_in_place "$1" "$2"
  prune
  step pruned
}

watched() { # a command; whatever ends it early is put back and reported
  trap 'exit 1' TERM INT HUP
  trap 'detail=${detail:-$BASH_COMMAND failed}' ERR
  # In a trap a bare `return` gives the status from before it: here every one has a number.
  trap finish EXIT
  "$@"
  trap - EXIT ERR
}

mkdir -p -- /run/slipway
if [ -L "$root/previous" ]; then before=$(version_at "$root/previous"); fi
case ${1:-} in
  --prepare) prepare ;;
  --follow) follow ;;
  --run) run_job ;;
  --status)
    action=status
    read -r outcome running < <(in_place)
    report "$outcome" "$running"
    ;;
  --refused)
    detail=$2
    read -r outcome running < <(in_place)
    report "${outcome/running/put-back}" "$running" && exit 1
    ;;
  --restore)
    action=restore
    lock "restore of $2"
    watched restore "$2"
    read -r outcome running < <(in_place)
    report "${outcome/running/put-back}" "$running"
    ;;
  [A-Za-z0-9_]*)
    lock "$1"
    before=''
    if [ -L "$root/current" ]; then before=$(version_at "$root/current"); fi
    watched deploy "$1" "${2:?IMAGE}"
    report running "$digest"
    ;;
  *)
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 1
    ;;
esac
