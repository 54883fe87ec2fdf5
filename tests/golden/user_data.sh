#!/bin/sh
# Prepares a machine for deploys: Ubuntu 24.04 at its first boot (EC2 user data), or Debian 12.
# Installs only what is missing; may run any number of times.
set -eu
export DEBIAN_FRONTEND=noninteractive
PATH=$PATH:/snap/bin

missing=
for pair in docker:docker.io nginx:nginx curl:curl flock:util-linux gzip:gzip; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
  # Unattended upgrades may hold dpkg's lock for some minutes after the first boot.
  apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=5 update -q
  # shellcheck disable=SC2086 # a list of package names of our own
  apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=5 install -q -y --no-install-recommends $missing
fi

if ! command -v aws >/dev/null; then
  command -v snap >/dev/null || {
    echo 'install.sh: no aws command and no snap to get it with: install the AWS CLI' >&2
    exit 1
  }
  snap wait system seed.loaded
  snap install aws-cli --classic
fi
if command -v snap >/dev/null; then
  # The deploy document needs 3.3.2746.0 or later, and an image may be older than that.
  snap list amazon-ssm-agent >/dev/null 2>&1 || snap install amazon-ssm-agent --classic
  snap refresh amazon-ssm-agent
fi

mkdir -p /opt
systemctl enable --now docker.service nginx.service

mkdir -p /etc/slipway/stacks
cat >/etc/slipway/bootstrap.sh <<'END-OF-SLIPWAY'
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
END-OF-SLIPWAY
cat >/etc/slipway/converge.sh <<'END-OF-SLIPWAY'
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
END-OF-SLIPWAY
cat >/etc/slipway/stacks/dev <<'END-OF-SLIPWAY'
stack=dev
region=eu-west-1
bucket=deploys
service=^[a-z][a-z0-9-]{0,30}$
kind=^(service|job|kubernetes)$
key=^(-|bundles/dev/deploy-bundle-[A-Za-z0-9._-]{1,128}\.tar\.gz)$
sha256=^(-|[0-9a-f]{64})$
version=^(-|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$
image=^(-|123456789012\.dkr\.ecr\.eu-west-1\.amazonaws\.com/dev/[a-z0-9][a-z0-9._-]{0,127}(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64})$
timeout=^[0-9]{1,4}$
END-OF-SLIPWAY
cat >/etc/systemd/system/slipway-converge.service <<'END-OF-SLIPWAY'
[Unit]
Description=Brings this machine to what its stacks run (slipway)
After=basic.target docker.service nginx.service network-online.target
Wants=network-online.target
# Else multi-user.target, and cloud-init after it, would wait for the end of a deploy.
DefaultDependencies=no
Conflicts=shutdown.target
Before=shutdown.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/sh /etc/slipway/converge.sh
# As long as the document lets a deploy take, and its wait for another one.
TimeoutStartSec=7200
Restart=on-failure
RestartSec=15
# It deploys: it starts containers and units and writes below /opt and /etc. See docs/hosts.md.
PrivateTmp=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
KeyringMode=private
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
END-OF-SLIPWAY
systemctl daemon-reload
systemctl enable slipway-converge.service
systemctl start --no-block slipway-converge.service
