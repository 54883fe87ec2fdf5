#!/bin/bash
# Deploys one service of this bundle to this machine's MicroK8s, or says what runs.
#
#   kubernetes_deploy.sh VERSION IMAGE       IMAGE is registry/repository:tag@sha256:digest
#   kubernetes_deploy.sh --restore VERSION   puts back what VERSION replaced, if it is in place
#   kubernetes_deploy.sh --status            reads back what really runs
#   kubernetes_deploy.sh --refused REASON    the same, after a bundle that was not unpacked
#   kubernetes_deploy.sh --remove            deletes all that it has in the cluster
#   kubernetes_deploy.sh --forget            leaves the cluster as it is to another delivery
#   kubernetes_deploy.sh --renew             the timer's: a fresh login for the registry
#
# From the environment: SLIPWAY_SERVICE, SLIPWAY_TIMEOUT (seconds), SLIPWAY_BY. The last line of
# output is one JSON object; the exit code is 0 or 1. /var/lib/slipway/<stack>/<service> holds
# releases/, `current` (a link to the last completed one, which moves last), previous, .lock.
# shellcheck disable=SC2034 # run, registry, ... are for the other files
set -Eeuo pipefail
PATH=$PATH:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
umask 077
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
release=$(dirname -- "$here")
# shellcheck source=components/documents/files/machine.sh
. "$here/machine.sh"
# shellcheck source=components/documents/files/container.sh
. "$here/container.sh"
# shellcheck source=components/documents/files/cluster.sh
. "$here/cluster.sh"
# shellcheck source=components/documents/files/pods.sh
. "$here/pods.sh"

root=$(dirname -- "$(dirname -- "$release")")
service=${SLIPWAY_SERVICE:-$(basename -- "$root")}
unit='' workload='' namespace=''
action=deploy committed=no switched=no detail='' before='' pod='' digest='' mark=$(now)
deadline=$((mark + ${SLIPWAY_TIMEOUT:-600} * 1000000))
declare -A took=([download]="${SLIPWAY_DOWNLOAD_MS:-0}" [login]=0 [before]=0 [switch]=0)
STEPS="download login before switch"

load() { # the settings of a release
  release=$1 here=$1/deploy unit=$1/deploy/kubernetes/$service.conf
  [ -f "$unit" ] || die "$release holds no manifests for $service"
  namespace=$(setting Namespace) workload=$(setting Workload)
}

put_in_place() { # version, image: of the release that is loaded
  version=$1 image=$2
  read_image
  until_deadline "$(setting Timeout)"
  check_cluster
  note_former
  apply base
  write_login
  lap login
  apply config
  write_secret
  run_before
  lap before
  switched=yes
  apply around
  keep_scale
  apply workload
  if [ "$workload" = Deployment ]; then
    wait_ready
    read_back
  fi
  lap switch
  commit
  prune "$(setting Kinds)"
  rm -f -- "$root/.former" "$root/.deploying"
  install_timer
}

commit() { # from here on this is the release that the next failure goes back to
  rm -rf -- "$root/previous" "$root/.first"
  if [ "$action" = deploy ]; then
    if [ -L "$root/current" ]; then point "$(readlink -- "$root/current")" "$root/previous"
    else touch "$root/.first"; fi
  fi
  point "releases/$(basename -- "$release")" "$root/current"
  touch "$release/.used"
  committed=yes
}

deploy() { # version, image
  load "$release"
  if [ -s "$release/image" ] && [ "$(cat "$release/image")" != "$2" ]; then
    die "$release is of $(cat "$release/image"): give the new image a release of its own"
  fi
  printf '%s\n' "$2" >"$release/image.new" && mv -T -- "$release/image.new" "$release/image"
  put_in_place "$1" "$2"
  forget_old
}

finish() { # every way out of a deploy that did not reach its end
  trap - EXIT ERR && set +eE
  local outcome running why=$detail
  show_logs
  if [ "$committed" = no ] && [ "$switched" = yes ]; then
    # In a shell of its own: what fails in there must not keep the report back.
    detail=$(
      exec 7>&1 >&2
      detail='' && trap 'printf %s "$detail" >&7' EXIT
      set -e
      go_back
    )
    detail=$why${detail:+; the version before does not get ready either: $detail}
    read -r outcome running < <(in_place)
    if [ -n "$running" ]; then report "${outcome/running/put-back}" "$running"; else report absent; fi
  else
    # Nothing was switched, or all of it was.
    read -r outcome running < <(in_place)
    if [ "$committed" = yes ] || [ -n "$running" ]; then report failed "$running"; else report absent; fi
  fi
  rm -f -- "$root/.former"
  exit 1
}

watched() { # a command; whatever ends it early is put back and reported
  trap 'exit 1' TERM INT HUP
  trap 'detail=${detail:-$BASH_COMMAND failed}' ERR
  # In a trap a bare `return` gives the status from before it: here every one has a number.
  trap finish EXIT
  "$@"
  trap - EXIT ERR
}

restore() { # version: puts back what it replaced, through the same switch
  if [ ! -L "$root/current" ] || [ "$(version_at "$root/current")" != "$1" ]; then return 0; fi
  before=$1
  if [ -e "$root/.first" ]; then
    load "$(readlink -f -- "$root/current")"
    check_cluster
    remove_all
  elif [ -L "$root/previous" ] && [ -s "$root/previous/image" ]; then
    load "$(readlink -f -- "$root/previous")"
    put_in_place "$(version_at "$root/previous")" "$(cat "$release/image")"
  fi
}

remove() {
  load "$(readlink -f -- "$root/current")"
  check_cluster
  remove_all
}

if [ -L "$root/previous" ]; then before=$(version_at "$root/previous"); fi
if [ "${1:-}" != deploy ] && [ -L "$root/current" ]; then load "$(readlink -f -- "$root/current")"; fi
case ${1:-} in
  --renew)
    trap 'say "${detail:-the login is renewed}"' EXIT
    write_login
    ;;
  --forget)
    lock 'another delivery'
    end_timer
    rm -rf -- "$root"
    ;;
  --status | --refused)
    if [ "$1" = --status ]; then action=status; else detail=$2; fi
    read -r outcome running < <(in_place)
    if [ "$1" = --status ]; then
      if [ "$outcome" = running ]; then differs; fi
      report "$outcome" "$running"
    else report "${outcome/running/put-back}" "$running" && exit 1; fi
    ;;
  --remove | --restore)
    action=${1#--}
    lock "$action of ${2:-all of it}"
    watched "$action" "${2:-}"
    read -r outcome running < <(in_place)
    report "${outcome/running/put-back}" "$running"
    ;;
  [A-Za-z0-9_]*)
    release=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
    lock "$1"
    before=''
    if [ -L "$root/current" ]; then before=$(version_at "$root/current"); fi
    watched deploy "$1" "${2:?IMAGE}"
    report running "$digest"
    ;;
  *)
    sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
    exit 1
    ;;
esac
