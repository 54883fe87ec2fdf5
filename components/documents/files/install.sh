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
