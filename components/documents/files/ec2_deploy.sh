#!/bin/bash
# Deploys one service of this bundle on this machine, or says what runs.
#
#   ec2_deploy.sh VERSION IMAGE          IMAGE is registry/repository:tag@sha256:digest
#   ec2_deploy.sh --restore VERSION      puts back what VERSION replaced, if VERSION is in place
#   ec2_deploy.sh --status               reads back what really runs
#   ec2_deploy.sh --refused REASON       the same, after a bundle that was not unpacked
#   ec2_deploy.sh --prepare SERVICE IMAGE  before each start of the unit: fetches a missing image,
#                                        removes the container that has ended
#
# From the environment: SLIPWAY_SERVICE, SLIPWAY_KIND, SLIPWAY_TIMEOUT (seconds). The last line of
# output is one JSON object; the exit code is 0 or 1. /opt/<service> holds releases/, current and
# deploy (links), .env, and previous/, which is what to put back.
set -Eeuo pipefail
PATH=$PATH:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
release=$(dirname -- "$here")
# shellcheck source=components/documents/files/machine.sh
. "$here/machine.sh"
# shellcheck source=components/documents/files/put_back.sh
. "$here/put_back.sh"

service=${SLIPWAY_SERVICE:-$(basename -- "$(dirname -- "$(dirname -- "$release")")")}
root=/opt/$service
live=/etc/systemd/system/$service.service
unit=$here/systemd/$service.service
action=deploy switched=no detail='' before='' mark=$(now)
deadline=$((mark + ${SLIPWAY_TIMEOUT:-600} * 1000000))
declare -A took=([download]="${SLIPWAY_DOWNLOAD_MS:-0}" [login]=0 [pull]=0 [candidate]=0 [switch]=0 [health]=0)

die() { detail=$*; exit 1; }
health_url() { echo "http://127.0.0.1:$(setting Publish "$1")$(setting Health "$1")"; }

lock() {
  if [ -n "${SLIPWAY_LOCKED:-}" ]; then return; fi
  exec 9>"$root/.lock"
  if flock --nonblock 9; then return; fi
  say "queued behind another deploy"
  flock --wait "$(left)" 9 || { report failed && exit 1; }
}

read_image() { # takes registry/repository:tag@digest apart
  local own grammar='^([a-z0-9.-]+(:[0-9]+)?)/([a-z0-9._/-]+)(:([A-Za-z0-9_][A-Za-z0-9._-]*))?@(sha256:[0-9a-f]{64})$'
  [[ $image =~ $grammar ]] || die "$image is not registry/repository:tag@sha256:digest"
  registry=${BASH_REMATCH[1]} repository=${BASH_REMATCH[3]}
  tag=${BASH_REMATCH[5]:-$version} digest=${BASH_REMATCH[6]}
  own=$(setting Repository)
  [ "${own:-$repository}" = "$repository" ] ||
    die "refused: $image is not of $own, the repository that the bundle names for $service"
}

read_options() { # the container's options; its folders are made, as they outlive it
  local option
  read -ra options <<<"$(setting Options)"
  for option in "${options[@]}"; do
    if [[ $option =~ ^--volume=($root/[^:]+): && ! -e ${BASH_REMATCH[1]} ]]; then
      # Which user the container runs as is the image's affair: writable as /tmp is.
      install -d -m 1777 -- "${BASH_REMATCH[1]}"
    fi
  done
}

write_env() { # to .env.new, with every other key as it was
  install -m 0600 /dev/null "$root/.env.new"
  if [ -e "$root/.env" ]; then
    grep -Ev '^(ECR_REGISTRY|ECR_REPOSITORY|IMAGE_TAG)=' "$root/.env" >"$root/.env.new" || true
  fi
  printf 'ECR_REGISTRY=%s\nECR_REPOSITORY=%s\nIMAGE_TAG=%s@%s\n' \
    "$registry" "$repository" "$tag" "$digest" >>"$root/.env.new"
}

try_beside() { # the new image next to the one that serves, on a free port of the loopback
  local address
  docker run --detach --name "$service-candidate" --publish "127.0.0.1::$(setting Port)" \
    --env-file "$here/environment/$service.env" --env-file "$root/.env.new" \
    "${options[@]}" "$image" >/dev/null || die "the container of $image cannot be started"
  # A container that has ended already has no port: the wait says how it ended.
  address=$(docker port "$service-candidate" "$(setting Port)/tcp" 2>/dev/null | head -n 1) || true
  wait_healthy "$service-candidate" "http://$address$(setting Health)" - || exit 1
  docker rm --force "$service-candidate" >/dev/null
}

switch() {
  switched=yes
  if [ "$kind" = job ]; then keep_last_run; fi
  install -m 0644 -- "$unit" "$live.new" && mv -T -- "$live.new" "$live"
  mv -T -- "$root/.env.new" "$root/.env"
  point "releases/$(basename -- "$release")" "$root/current"
  point current/deploy "$root/deploy"
  systemctl daemon-reload
  systemctl enable --quiet "$service.service"
  timeout "$(left)" systemctl restart "$service.service" || {
    local code=$?
    if [ "$code" = 124 ]; then die "did not end in time"; fi
    die "systemctl restart $service.service failed, exit code of its container: $(state_of "$service" ExitCode)"
  }
}

deploy() {
  version=$1 image=$2 kind=$(setting Kind)
  [ "${SLIPWAY_KIND:-$kind}" = "$kind" ] || die "the bundle holds a $kind, not a $SLIPWAY_KIND"
  read_image
  read_options
  pull "$image" "$unit" || exit 1
  write_env
  docker rm --force "$service-candidate" >/dev/null 2>&1 || true
  mark=$(now)
  if [ "$kind" = service ]; then try_beside; fi
  lap candidate
  keep_previous
  switch
  lap switch
  if [ "$kind" = service ]; then
    wait_healthy "$service" "$(health_url "$unit")" "$(restarts)" || exit 1
  fi
  [ "$(digest_of "$service")" = "$digest" ] || die "runs $(digest_of "$service"), not $digest"
  lap health
  docker rm --force "$service-before" >/dev/null 2>&1 || true
}

if [ -L "$root/previous/release" ]; then before=$(version_at "$root/previous/release"); fi
case ${1:-} in
  --prepare)
    service=$2
    pull "$3" "$here/systemd/$2.service" || { say "$detail" >&2 && exit 1; }
    docker rm --force "$service" >/dev/null 2>&1 || true
    ;;
  --status)
    action=status
    read -r outcome running < <(in_place)
    report "$outcome" "$running"
    ;;
  --refused)
    detail=$2
    read -r outcome running < <(in_place)
    report "${outcome/running/put-back}" "$running"
    exit 1
    ;;
  --restore)
    action=restore
    lock
    restore "$2"
    read -r outcome running < <(in_place)
    report "${outcome/running/put-back}" "$running"
    ;;
  [A-Za-z0-9_]*)
    lock
    before=''
    if [ -L "$root/current" ]; then before=$(version_at "$root/current"); fi
    trap 'exit 1' TERM INT HUP
    trap 'detail=${detail:-$BASH_COMMAND failed}' ERR
    trap finish EXIT
    deploy "$1" "${2:?IMAGE}"
    trap - EXIT ERR
    report running "$digest"
    ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 1
    ;;
esac
