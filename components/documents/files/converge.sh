#!/bin/sh
# Brings this machine to what its stacks run, at every boot: one that was replaced, or was off during
# a deploy. /etc/slipway/stacks/<stack> says where a stack's document is and what it may ask for.
set -eu
PATH=$PATH:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
umask 022
# Its role is asked for while everything else is booting too: the usual second is not enough.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5
home=/etc/slipway failed=no
entry='^{"service":"\([a-z][a-z0-9-]*\)","kind":"\([a-z]*\)","key":"\([A-Za-z0-9._/-]*\)","sha256":"\([0-9a-f]*\)","version":"\([A-Za-z0-9._-]*\)","image":"\([A-Za-z0-9._:/@-]*\)","timeout":"\([0-9]*\)"},\{0,1\}$'

setting() { sed -n "s/^$1=//p" "$home/stacks/$stack"; }
fits() { printf '%s\n' "$2" | grep -Eqx -- "$(setting "$1")"; }

deploy() { # line of the document: by the script that SSM runs too, under the same lock
  printf '%s\n' "$1" | grep -q "$entry" || return 1
  # shellcheck disable=SC2046 # no value holds a blank
  set -- $(printf '%s\n' "$1" | sed "s|$entry|\1 \2 \3 \4 \5 \6 \7|")
  [ $# = 7 ] || return 1
  fits service "$1" && fits kind "$2" && fits key "$3" && fits sha256 "$4" &&
    fits version "$5" && fits image "$6" && fits timeout "$7" || return 1
  SSM_action=deploy SSM_service=$1 SSM_kind=$2 SSM_bucket=$(setting bucket) SSM_key=$3 SSM_sha256=$4 \
    SSM_version=$5 SSM_image=$6 SSM_timeout=$7 SSM_region=$(setting region) SSM_by=boot SSM_lines=1 \
    SSM_since=- SSM_stack=$(setting stack) SLIPWAY_BOOT=yes sh "$home/bootstrap.sh"
}

converge() {
  echo "$stack: reads s3://$(setting bucket)/records/$stack/hosts.json"
  aws s3 cp --only-show-errors --region "$(setting region)" \
    "s3://$(setting bucket)/records/$stack/hosts.json" "$document" || {
    echo "$stack: cannot be read: either nothing is deployed yet, or this machine may not read it"
    return 1
  }
  grep '^{"service"' "$document" >"$document.lines" || true
  while read -r line; do
    deploy "$line" </dev/null || {
      echo "$stack: not deployed: $(printf %s "$line" | tr -cd '[:print:]' | cut -c1-300)"
      failed=yes
    }
  done <"$document.lines"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
document=$scratch/hosts.json
for each in "$home"/stacks/*; do
  stack=${each##*/}
  case $stack in *[!A-Za-z0-9_.-]*) continue ;; esac
  converge || failed=yes
done
[ "$failed" = no ]
