#!/bin/sh
# The one step of the deploy document: fetches the bundle, checks it, unpacks it beside the old one
# and hands over to the script inside. Values come as environment variables (SSM_<parameter>) only.
# shellcheck disable=SC2154 # SSM_* are set by the agent
set -eu
PATH=$PATH:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
umask 022
detail='the bundle could not be unpacked'

finish() {
  trap - EXIT
  rm -rf "${scratch:-/nonexistent}" "${new:-/nonexistent}"
  if [ -x "$root/current/deploy/$script" ]; then
    exec "$root/current/deploy/$script" --refused "$detail"
  fi
  printf '{"slipway": 1, "service": "%s", "action": "%s", "outcome": "%s", "digest": null, ' \
    "$SSM_service" "$SSM_action" "$outcome"
  printf '"version": null, "previous": null, "seconds": {}, "detail": "%s"}\n' "$detail"
  [ "$outcome" = absent ]
  exit
}
refuse() { detail=$*; exit 1; }
step() { if [ "$(cat /run/slipway/die-at 2>/dev/null)" = "$1" ]; then kill -9 $$; fi; }

if [ -z "${SSM_action+set}" ]; then
  echo 'the SSM agent of this machine is too old for this document: 3.3.2746.0 or later' >&2
  exit 1
fi
# The document's patterns have held these already; a line break at the very end may pass one.
case "$SSM_action$SSM_service$SSM_kind$SSM_stack$SSM_bucket$SSM_key$SSM_sha256$SSM_version$SSM_image$SSM_timeout$SSM_region$SSM_by$SSM_lines$SSM_since" in
  *[!A-Za-z0-9._:/@-]*) echo 'a parameter holds a character that none may hold' >&2 && exit 1 ;;
esac

root=/opt/$SSM_service script=ec2_deploy.sh unit=systemd/$SSM_service.service outcome=failed
if [ "$SSM_kind" = kubernetes ]; then
  # Namespaces of several stacks may be on one machine.
  root=/var/lib/slipway/$SSM_stack/$SSM_service script=kubernetes_deploy.sh
  unit=kubernetes/$SSM_service.conf
fi
export SLIPWAY_SERVICE="$SSM_service" SLIPWAY_TIMEOUT="$SSM_timeout" SLIPWAY_BY="$SSM_by"
trap finish EXIT

if [ "$SSM_action" = logs ]; then
  trap - EXIT
  since=${SSM_since#-}
  # SSM keeps the first 24,000 characters.
  journalctl --unit "$SSM_service.service" --since "@${since:-0}" --lines "$SSM_lines" \
    --no-pager --quiet --output short-unix 2>&1 | cut -c1-230
  exit
fi
if [ "$SSM_action" != deploy ]; then
  if [ ! -x "$root/current/deploy/$script" ]; then
    outcome=absent detail='nothing is deployed'
    exit 0
  fi
  trap - EXIT
  case $SSM_action in
    restore) exec "$root/current/deploy/$script" --restore "$SSM_version" ;;
    remove) exec "$root/current/deploy/$script" --remove ;;
    *) exec "$root/current/deploy/$script" --status ;;
  esac
fi

# A new machine's agent answers before the install script of its first boot has ended.
if command -v cloud-init >/dev/null; then
  timeout 290 cloud-init status --wait >/dev/null 2>&1 || true
fi

mkdir -p "$root/releases"
exec 9>>"$root/.lock"
flock -n 9 || {
  echo "$SSM_service: queued behind $(cat "$root/.lock")"
  flock -w "$SSM_timeout" 9 || refuse "after $SSM_timeout s still held by $(cat "$root/.lock")"
}
printf '%s by %s, pid %s, since %s\n' "$SSM_version" "$SSM_by" "$$" "$(date -u +%FT%TZ)" \
  >"$root/.lock"

# A release is a bundle and an image: each pair has a folder of its own.
pair=$(printf '%s %s' "$SSM_sha256" "$SSM_image" | sha256sum)
release=$root/releases/$SSM_version-$(printf %.12s "$pair")
if [ -n "${SLIPWAY_BOOT:-}" ]; then
  # Who has deployed since this boot knew it better than what was written down before.
  if [ -e "/run/slipway/$SSM_service/deployed" ] ||
    [ "$(readlink "$root/current")" = "releases/${release##*/}" ]; then
    echo "$SSM_service: has $(readlink "$root/current"), nothing to do"
    trap - EXIT
    exit 0
  fi
fi
new=$release.new
if [ "$(cat "$release/.sha256" 2>/dev/null)" != "$SSM_sha256" ]; then
  started=$(date +%s%N)
  scratch=$(mktemp -d)
  bundle=$scratch/bundle.tar.gz
  aws s3 cp --only-show-errors --region "$SSM_region" "s3://$SSM_bucket/$SSM_key" "$bundle" ||
    refuse "s3://$SSM_bucket/$SSM_key could not be fetched"
  step fetched
  echo "$SSM_sha256  $bundle" | sha256sum --check --status ||
    refuse "s3://$SSM_bucket/$SSM_key is not the bundle that was announced: its SHA-256 differs"
  [ "$(gzip -dc "$bundle" | head -c 16777217 | wc -c)" -le 16777216 ] ||
    refuse 'the bundle unpacks to more than 16 MiB'
  # Plain files and folders with plain modes and names: no link, device, setuid bit, / or .. at all.
  tar -tvzf "$bundle" | grep -Evq '^[-d]([r-][w-][x-]){3} ' &&
    refuse 'the bundle holds something that is not a plain file or folder'
  tar -tzf "$bundle" | grep -Evq '^(VERSION|deploy(/[A-Za-z0-9._-]+){0,2}/?)$' &&
    refuse 'the bundle holds a file outside deploy/'
  tar -tzf "$bundle" | grep -Eq '(^|/)\.\.?(/|$)' && refuse 'the bundle holds a path with . or ..'
  rm -rf "$new" "$release"
  mkdir "$new"
  tar -xzf "$bundle" -C "$new" --no-same-owner --no-same-permissions
  [ -x "$new/deploy/$script" ] || refuse "the bundle holds no deploy/$script"
  [ -f "$new/deploy/$unit" ] || refuse "the bundle holds no unit for $SSM_service"
  echo "$SSM_sha256" >"$new/.sha256"
  step unpacked
  mv -T "$new" "$release"
  rm -rf "$scratch"
  SLIPWAY_DOWNLOAD_MS=$((($(date +%s%N) - started) / 1000000))
  export SLIPWAY_DOWNLOAD_MS
fi

trap - EXIT
export SLIPWAY_LOCKED=yes SLIPWAY_KIND="$SSM_kind"
exec "$release/deploy/$script" "$SSM_version" "$SSM_image"
