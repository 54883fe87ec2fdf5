#!/bin/bash
# Containers and images: start, fetch, remove.
# shellcheck disable=SC2034,SC2154 # service, root, unit, ... are set by ec2_deploy.sh

read_image() { # takes registry/repository:tag@digest apart
  local own grammar='^([a-z0-9.-]+(:[0-9]+)?)/([a-z0-9._/-]+)(:([A-Za-z0-9_][A-Za-z0-9._-]*))?@(sha256:[0-9a-f]{64})$'
  [[ $image =~ $grammar ]] || die "$image is not registry/repository:tag@sha256:digest"
  registry=${BASH_REMATCH[1]} repository=${BASH_REMATCH[3]}
  tag=${BASH_REMATCH[5]:-${version:-}} digest=${BASH_REMATCH[6]}
  own=$(setting Repository)
  [ "${own:-$repository}" = "$repository" ] ||
    die "refused: $image is not of $own, the repository that the bundle names for $service"
}

digests_of_image() { docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" 2>/dev/null; }

holds() { # whether Docker itself says that it has image $1 under that repository and digest
  local name=${1%@*} digest=${1##*@}
  if [[ ${name##*/} == *:* ]]; then name=${name%:*}; fi
  digests_of_image "$1" | grep -Fqx -- "$name@$digest"
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
  options+=(--label "slipway.service=$service" --label "slipway.release=$(basename -- "$release")"
    --env-file "$here/environment/$service.env")
}

first_port() { local n; n=$(printf '%s' "$service" | cksum) && echo "$((20000 + ${n%% *} % 900))"; }

free_port() { # of the loopback, from this one
  local port
  for ((port = $1; port < 21999; port++)); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port" && return 0; fi
  done
  return 1
}

start_container() { # name, env file, port (a free one if not given)
  local port attempt said from
  read_options
  from=$(first_port)
  for attempt in 1 2 3 4 5; do
    port=${3:-$(free_port "$from")} || die "no free port between 20000 and 21999"
    if said=$(docker run --detach --name "$1" --publish "127.0.0.1:$port:$(setting Port)" \
      --label "slipway.port=$port" --env-file "$2" "${options[@]}" "$image" 2>&1); then return 0; fi
    # Another service may have taken the port in between, or Docker holds it without listening.
    from=$((port + 1))
    docker rm --force "$1" >/dev/null 2>&1 || true
    if [[ $said != *"already allocated"* || $attempt = 5 ]]; then break; fi
  done
  die "the container of $image cannot be started: ${said##*Error response from daemon: }"
}

serving_container() { # the one that has the traffic before the switch, if it is one of ours
  if [ -n "$(port_of "$name")" ] && [ "$(state_of "$name" Running)" = true ]; then echo "$name"; fi
}

remove_containers() {
  local each
  for each in "$@"; do docker rm --force "$each" >/dev/null 2>&1 || true; done
}

drain() { # container: what it is answering, it may end; its unit's TimeoutStop is docker's
  local port end
  port=$(port_of "$1")
  end=$(($(now) + $(setting Drain) * 1000000))
  while (($(now) < end)) && [ -n "$port" ] && [ "$(state_of "$1" Running)" = true ]; do
    # Workers of nginx from before the reload, or their connections.
    if ! pgrep -f 'nginx: worker process is shutting down' >/dev/null &&
      [ -z "$(ss -Htn state established "dport = :$port" 2>/dev/null)" ]; then break; fi
    sleep 0.1
  done
  docker stop "$1" >/dev/null 2>&1 || true
  docker rm --force "$1" >/dev/null 2>&1 || true
}

check_disk() { # image, configuration with the login
  local size free floor insecure='' folder
  if [[ $1 == 127.* || $1 == localhost:* ]]; then insecure=--insecure; fi
  # shellcheck disable=SC2086 # one word or none
  size=$(docker --config "$2" manifest inspect --verbose $insecure "$1" 2>/dev/null |
    sed -n 's/^ *"size": \([0-9]*\),*$/\1/p' | paste -sd+ -) || size=''
  folder=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null) || folder=/
  free=$(df --output=avail -B1048576 -- "$folder" 2>/dev/null | tail -n 1)
  floor=$(setting FreeMiB)
  size=$((2 * (${size:-0}) / 1048576))
  if ((size > floor)); then floor=$size; fi
  if ((${free:-0} < floor)); then
    detail="$folder has ${free:-0} MiB free, and $1 needs $floor MiB (twice its size, at least free_mib): nothing was pulled; free some space or enlarge the volume"
    return 1
  fi
}

pull() { # image, file with the settings
  local config said registry=${1%%/*} code=0
  mark=$(now)
  if holds "$1"; then return 0; fi
  # The login lives in memory (/run) and no longer than the pull.
  config=$(mktemp --directory /run/slipway-login.XXXXXX) || return 1
  # docker warns of a password on disk at each login; it matters only where the login fails.
  if [ "$(setting Login "$2")" = ecr ] && ! said=$(
    aws ecr get-login-password --region "$(setting Region "$2")" |
      docker --config "$config" login --username AWS --password-stdin "$registry" 2>&1 >/dev/null
  ); then
    detail="no login at the registry $registry: $said"
  elif lap login && check_disk "$1" "$config"; then
    timeout "$(left)" docker --config "$config" pull --quiet "$1" >/dev/null || code=$?
    if [ "$code" = 124 ]; then
      detail="$1 was not pulled within ${SLIPWAY_TIMEOUT:-600} s, the timeout of $service: raise it, or see why the registry is slow"
    elif [ "$code" != 0 ]; then
      detail="could not pull $1: what docker said is above"
    elif ! holds "$1"; then
      detail="refused: asked for $1, and Docker has $(digests_of_image "$1" | tr '\n' ' ')"
    fi
    lap pull
  fi
  rm -rf -- "$config"
  [ -z "$detail" ]
}

prune() { # old releases beyond those that are kept; never an image that something still needs
  local folder ref current previous
  current=$(readlink -f -- "$root/current") previous=$(readlink -f -- "$root/previous") || true
  find "$root/releases" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | while read -r folder; do
    folder=$root/releases/$folder
    if [ -e "$folder/.used" ]; then stat --format '%.9Y %n' -- "$folder/.used"; else echo "0 $folder/.used"; fi
  done | sort -rn | tail -n +"$(($(setting Keep) + 2))" | cut -d' ' -f2- | while read -r folder; do
    folder=$(dirname -- "$folder")
    if [ "$folder" = "$current" ] || [ "$folder" = "${previous:-}" ]; then continue; fi
    ref=$(cat "$folder/image" 2>/dev/null) || ref=''
    rm -rf -- "$folder"
    if [ -n "$ref" ] && ! grep -qsF -- "${ref##*@}" /opt/*/releases/*/image; then
      # Docker itself refuses for an image that a container has.
      docker image rm "$ref" >/dev/null 2>&1 || true
    fi
  done
}
