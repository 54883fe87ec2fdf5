#!/bin/bash
# What ec2_deploy.sh asks of the machine: what runs, is it healthy, fetch an image, report.
# shellcheck disable=SC2154 # service, root, live, unit, ... are set by ec2_deploy.sh

now() { printf '%s' "${EPOCHREALTIME/[^0-9]/}"; } # microseconds
lap() { local t; t=$(now); took[$1]=$(((t - mark) / 1000)); mark=$t; }
left() { local s=$(((deadline - $(now)) / 1000000)); echo $((s > 1 ? s : 1)); }
say() { printf '%s: %s\n' "$service" "$*"; }
setting() { sed -n "/^\[X-Slipway\]/,\$ s/^$1=//p" "${2:-$unit}"; }
version_at() { local name; name=$(basename -- "$(readlink -- "$1")") && echo "${name%-*}"; }
has_container() { docker container inspect "$1" >/dev/null 2>&1; }
state_of() { docker container inspect --format "{{.State.$2}}" "$1" 2>/dev/null || true; }
restarts() { systemctl show --property NRestarts --value "$service.service"; }

digest_of() { # of the image that container $1 was made from
  local ref id
  ref=$(docker container inspect --format '{{.Config.Image}}' "$1" 2>/dev/null) || return 0
  if [[ $ref == *@sha256:* ]]; then echo "sha256:${ref##*@sha256:}" && return; fi
  id=$(docker container inspect --format '{{.Image}}' "$1")
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$id" |
    sed -n "s|^${ref%:*}@||p" | head -n 1
}

in_place() { # the outcome and the digest of what is there
  local digest
  if [ ! -e "$live" ]; then echo absent && return; fi
  digest=$(digest_of "$service")
  if [ "$(setting Kind "$live")" = service ]; then
    if [ "$(state_of "$service" Running)" = true ]; then echo "running $digest"; else echo failed; fi
  else
    # A job's container may have been pruned: then the .env says what is in place.
    if [ -z "$digest" ]; then digest=$(sed -n 's/^IMAGE_TAG=.*@//p' "$root/.env"); fi
    case $(state_of "$service" ExitCode) in 0 | '') echo "running $digest" ;; *) echo "failed $digest" ;; esac
  fi
}

quoted() { if [ -n "$1" ]; then printf '"%s"' "$1"; else printf null; fi; }

report() { # outcome, digest: the one line that the deploying side reads
  local version='' seconds='' name line
  if [ -L "$root/current" ]; then version=$(version_at "$root/current"); fi
  for name in download login pull candidate switch health; do
    seconds+=$(printf ', "%s": %d.%03d' "$name" $((${took[$name]} / 1000)) $((${took[$name]} % 1000)))
  done
  line=$(printf '%s' "$detail" | LC_ALL=C tr -c '[:print:]' ' ' | tr '\\"' "/'" | cut -c1-400)
  printf '{"slipway": 1, "service": "%s", "action": "%s", "outcome": "%s", "digest": %s, ' \
    "$service" "$action" "$1" "$(quoted "${2:-}")"
  printf '"version": %s, "previous": %s, "seconds": {%s}, "detail": "%s"}\n' \
    "$(quoted "$version")" "$(quoted "$before")" "${seconds#, }" "$line"
}

show_logs() { # SSM keeps the first 24,000 characters: few and short lines, or the report is lost
  local container=$service
  if has_container "$service-candidate"; then container=$service-candidate; fi
  echo "--- the last lines of the container's log ($container)"
  docker logs --tail 20 "$container" 2>&1 | cut -c1-200
  echo "--- the last lines of the unit's journal ($service.service)"
  journalctl --unit "$service.service" --lines 20 --no-pager --output cat 2>&1 | cut -c1-200
}

digests_of_image() { docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" 2>/dev/null; }

holds() { # whether Docker itself says that it has image $1 under that repository and digest
  local name=${1%@*} digest=${1##*@}
  if [[ ${name##*/} == *:* ]]; then name=${name%:*}; fi
  digests_of_image "$1" | grep -Fqx -- "$name@$digest"
}

pull() { # image, file with the settings
  local config said registry=${1%%/*}
  if holds "$1"; then return; fi
  # The login lives in memory (/run) and no longer than the pull.
  config=$(mktemp --directory /run/slipway-login.XXXXXX) || return 1
  # docker warns of a password on disk at each login; it matters only where the login fails.
  if [ "$(setting Login "$2")" = ecr ] && ! said=$(
    aws ecr get-login-password --region "$(setting Region "$2")" |
      docker --config "$config" login --username AWS --password-stdin "$registry" 2>&1 >/dev/null
  ); then
    detail="no login at the registry $registry: $said"
  else
    lap login
    if ! timeout "$(left)" docker --config "$config" pull --quiet "$1" >/dev/null; then
      detail="could not pull $1"
    elif ! holds "$1"; then
      detail="refused: asked for $1, and Docker has $(digests_of_image "$1" | tr '\n' ' ')"
    fi
    lap pull
  fi
  rm -rf -- "$config"
  [ -z "$detail" ]
}

wait_healthy() { # container, URL, how often its unit had restarted by itself at the start
  # Running first: somebody else may hold the port and answer well.
  until [ "$(state_of "$1" Running)" = true ] &&
    curl --fail --silent --output /dev/null --max-time 2 "$2"; do
    if [[ $1 == *-candidate && $(state_of "$1" Running) != true ]]; then
      detail="its container ended with exit code $(state_of "$1" ExitCode)" && return 1
    elif [[ $1 == "$service" && $(restarts) != "$3" ]]; then
      detail="its container ended after the switch" && return 1
    elif (($(now) > deadline)); then
      detail="not healthy: no good answer from $2 in time" && return 1
    fi
    sleep 0.2
  done
}
