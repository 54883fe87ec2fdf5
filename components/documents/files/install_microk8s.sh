#!/bin/sh
# Installs MicroK8s where it is missing, at the end of install.sh.
set -eu
MICROK8S_CHANNEL=1.33/stable

if ! command -v microk8s >/dev/null; then
  # shellcheck source=/dev/null
  [ "$(. /etc/os-release && echo "$ID")" = ubuntu ] || {
    echo "install.sh: MicroK8s is installed on Ubuntu alone, and this is $(. /etc/os-release && echo "$ID"): install it yourself" >&2
    exit 1
  }
  snap wait system seed.loaded
  snap install microk8s --classic --channel="$MICROK8S_CHANNEL"
  # No version changes by itself in the middle of the day.
  snap refresh --hold microk8s
  microk8s status --wait-ready --timeout 600 >/dev/null
  for addon in dns ingress metrics-server; do
    microk8s enable "$addon"
  done
fi
