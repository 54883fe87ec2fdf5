#!/bin/bash
# /opt/<service>/.env: which image, and the service's own variables. With Parameters= they come from
# Parameter Store, and .env is a link into /run: no value is ever on the disk.
# shellcheck disable=SC2034,SC2154 # service, root, run, unit, ... are set by ec2_deploy.sh

OWN='^(ECR_REGISTRY|ECR_REPOSITORY|IMAGE_TAG)='

fetch_parameters() { # path: NAME=value lines
  local found
  found=$(aws ssm get-parameters-by-path --path "$1" --with-decryption \
    --region "$(setting Region)" --query 'Parameters[].[Name,Value]' --output text) || {
    detail="the parameters below $1 cannot be read: see that the host's role may ssm:GetParametersByPath"
    return 1
  }
  if [ -z "$found" ] || [ "$found" = None ]; then return 0; fi
  # Of a value with a line break the second line has no name.
  if printf '%s\n' "$found" | grep -Evq "^$1[A-Za-z_][A-Za-z0-9_]*	"; then
    detail="a parameter below $1 is no variable: a name is letters, digits and _, a value is one line"
    return 1
  fi
  found=$(printf '%s\n' "$found" | sed "s|^$1||; s|	|=|")
  if printf '%s\n' "$found" | grep -Eq "$OWN"; then
    detail="ECR_REGISTRY, ECR_REPOSITORY and IMAGE_TAG are set by each deploy: remove them below $1"
    return 1
  fi
  printf '%s\n' "$found"
}

write_env() { # file: the container's variables for $registry/$repository:$tag@$digest
  local path found=''
  path=$(setting Parameters)
  install -d -m 0700 -- "$run"
  if [ -n "$path" ]; then
    found=$(mktemp -- "$run/parameters.XXXXXX")
    fetch_parameters "$path" >"$found" || { rm -f -- "$found" && return 1; }
  fi
  install -m 0600 /dev/null "$1"
  if [ -n "$path" ]; then cat -- "$found" >"$1" && rm -f -- "$found"
  elif [ -e "$root/.env" ]; then grep -Ev "$OWN" "$root/.env" >"$1" || true; fi
  printf 'ECR_REGISTRY=%s\nECR_REPOSITORY=%s\nIMAGE_TAG=%s@%s\n' \
    "$registry" "$repository" "$tag" "$digest" >>"$1"
}

check_needs() { # file: dies if a variable is missing that .env.example lists
  local variable missing='' list=$here/environment/$service.needs
  if [ ! -e "$list" ]; then return 0; fi
  while read -r variable; do
    grep -qs "^$variable=" "$1" "$here/environment/$service.env" || missing+=" $variable"
  done <"$list"
  if [ -n "$missing" ]; then
    die "its environment lacks$missing, which .env.example lists; nothing was changed: add it to $(place_of_values)"
  fi
}

place_of_values() {
  local path
  path=$(setting Parameters)
  if [ -n "$path" ]; then echo "Parameter Store below $path, or to environment"
  else echo "environment, or to $root/.env on this machine"; fi
}

install_env() { # file: becomes .env
  if [ -n "$(setting Parameters)" ]; then
    mv -T -- "$1" "$run/env"
    point "$run/env" "$root/.env"
  else
    install -m 0600 -- "$1" "$root/.env.new" && mv -T -- "$root/.env.new" "$root/.env"
    rm -f -- "$1" "$run/env"
  fi
}

env_value() { sed -n "s/^$1=//p" "$root/.env" 2>/dev/null | tail -n 1; }
env_image() { echo "$(env_value ECR_REGISTRY)/$(env_value ECR_REPOSITORY):$(env_value IMAGE_TAG)"; }
