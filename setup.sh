#!/bin/sh
# The one entry of set-up; `make setup` calls it. It installs what this machine lacks, makes .venv,
# and leaves the rest to `python -m offline.setup`. Run it as often as you like: it goes on where it
# stopped, and says "ready" when there is nothing to do.
set -eu
cd "$(dirname -- "$0")"
state=${SLIPWAY_STATE:-$PWD/.slipway}
cache=${SLIPWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/slipway}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:$cache/bin

fail() {
  printf '\nerror: %s\n' "$1" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

step() { # NAME WHAT STARTED, in seconds of the clock
  printf '  %-16s %-52s %6s s\n' "$1" "$2" "$(($(date +%s) - $3)).0"
}

# Runs a long command; its output goes into a log, a line every ten seconds onto the screen.
shown() { # NAME LOG COMMAND...
  name=$1 log=$2
  shift 2
  mkdir -p "$(dirname -- "$log")"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$! waited=0
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
    if [ $((waited % 10)) -eq 0 ]; then
      printf '    %s: %s s  %s\n' "$name" "$waited" "$(tail -n 1 "$log" | cut -c 1-70)"
    fi
  done
  trap - INT TERM
  wait "$pid" || fail "$name failed. The end of its log, $log:
$(tail -n 5 "$log" | sed 's/^/    /')
  See to that (network? rights?), then run \`make setup\` again."
}

# The newest enough Python of this machine, with the module that makes virtual environments.
python_program() {
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if has "$name" && "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
      2>/dev/null; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

# Prints the Debian packages of what is missing.
missing_packages() {
  python_program >/dev/null || echo python3 python3-venv
  has git || echo git
  has docker || echo docker.io
  if ! docker version >/dev/null 2>&1; then
    # No engine answers: one can be started here, given these.
    has dockerd || echo docker.io
    has iptables || echo iptables
    has runc || echo runc
    has ip || echo iproute2
  fi
  has debootstrap || echo debootstrap
  has shellcheck || echo shellcheck
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}

install_packages() {
  # One word a package; a name may come up twice.
  packages=$(missing_packages | tr ' ' '\n' | sort -u | tr '\n' ' ')
  packages=${packages% }
  registry=$(has docker-registry || echo docker-registry)
  all=$packages${packages:+ }$registry
  if [ -z "$packages$registry" ]; then return 0; fi
  if ! has apt-get; then
    fail "missing on this machine: $all
  (names of Debian packages; this machine has no apt-get). Install them with your package
  manager, then run \`make setup\` again."
  fi
  if [ "$(id -u)" -ne 0 ]; then
    fail "missing on this machine: $all
  Only root can install them. Run this, then \`make setup\` again:
    sudo apt-get install --yes $all"
  fi
  begun=$(date +%s)
  export DEBIAN_FRONTEND=noninteractive
  shown "package lists" "$cache/logs/apt-update.log" apt-get update
  if [ -n "$packages" ]; then
    # shellcheck disable=SC2086
    shown "Debian packages" "$cache/logs/apt.log" \
      apt-get install --yes --no-install-recommends $packages
  fi
  if [ -n "$registry" ]; then shown docker-registry "$cache/logs/registry.log" unpack_registry; fi
  step "Debian packages" "$(echo "$all" | cut -c 1-52)" "$begun"
}

# Unpacked, not installed: the package would start a registry of its own on a public port.
unpack_registry() {
  folder=$cache/registry.part
  rm -rf "$folder"
  mkdir -p "$folder" "$cache/bin"
  (cd "$folder" && apt-get download docker-registry && dpkg-deb -x ./*.deb .)
  mv "$folder/usr/bin/docker-registry" "$cache/bin/docker-registry"
  rm -rf "$folder"
}

make_virtual_environment() {
  if .venv/bin/python -m pip --version >/dev/null 2>&1; then return 0; fi
  begun=$(date +%s)
  python=$(python_program) || fail "Python 3.11 or newer, with its module venv, is needed.
  Install it (for instance python3.11 and python3.11-venv), then run \`make setup\` again."
  shown "virtual environment" "$cache/logs/venv.log" "$python" -m venv --clear .venv
  step "virtual env" "$("$python" --version), .venv" "$begun"
}

mkdir -p "$state" "$cache" 2>/dev/null || fail "can't make $state and $cache.
  Set SLIPWAY_STATE and SLIPWAY_CACHE to folders that you may write to."
if .venv/bin/python -m offline.setup --ready 2>/dev/null; then exit 0; fi
if [ "${SLIPWAY_SETUP:-}" = tools ]; then
  # What deploying needs: no local cloud, so no Debian packages and no images of it.
  make_virtual_environment
  exec .venv/bin/python -m offline.setup --tools
fi
install_packages
make_virtual_environment
exec .venv/bin/python -m offline.setup
