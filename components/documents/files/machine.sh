#!/bin/bash
# What deploy scripts share, and what ec2_deploy.sh asks of the machine: what runs, is it healthy.
# shellcheck disable=SC2034,SC2154 # service, root, live, unit, ... are set by ec2_deploy.sh

now() { printf '%s' "${EPOCHREALTIME/[^0-9]/}"; } # microseconds
lap() { local t; t=$(now); took[$1]=$(((t - mark) / 1000)); mark=$t; }
left() { local s=$(((deadline - $(now)) / 1000000)); echo $((s > 1 ? s : 1)); }
until_deadline() { deadline=$(($(now) + $1 * 1000000)); }
say() { printf '%s: %s\n' "$service" "$*"; }
setting() { sed -n "/^\[X-Slipway\]/,\$ s/^$1=//p" "${2:-$unit}"; }
point() { ln -sfn -- "$1" "$2.new" && mv -T -- "$2.new" "$2"; }
version_of() { local folder; folder=$(basename -- "$1") && echo "${folder%-*}"; } # of a release's folder
version_at() { version_of "$(readlink -- "$1")"; }

die() { detail=$*; exit 1; }

lock() { # one deploy at a time; the file says whose it is
  if [ -z "${SLIPWAY_LOCKED:-}" ]; then
    exec 9>>"$root/.lock"
    if ! flock --nonblock 9; then
      say "queued behind $(cat "$root/.lock")"
      flock --wait "$(left)" 9 || die "still held by $(cat "$root/.lock")"
    fi
    printf '%s by %s, pid %s, since %s\n' "$1" "${SLIPWAY_BY:-$(id -un)}" "$$" \
      "$(date -u +%FT%TZ)" >"$root/.lock"
  fi
}

has_container() { docker container inspect "$1" >/dev/null 2>&1; }
state_of() { docker container inspect --format "{{.State.$2}}" "$1" 2>/dev/null || true; }
label_of() { docker container inspect --format "{{index .Config.Labels \"slipway.$2\"}}" "$1" 2>/dev/null || true; }
port_of() { label_of "$1" port; }
ours() { docker ps --all --format '{{.Names}}' --filter "label=slipway.service=$service"; }

digest_of() { # of the image that container $1 was made from
  local ref id
  ref=$(docker container inspect --format '{{.Config.Image}}' "$1" 2>/dev/null) || return 0
  if [[ $ref == *@sha256:* ]]; then echo "sha256:${ref##*@sha256:}" && return 0; fi
  id=$(docker container inspect --format '{{.Image}}' "$1")
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$id" |
    sed -n "s|^${ref%:*}@||p" | head -n 1
}

in_place() { # the outcome and the digest of what is there
  local digest name
  if [ ! -e "$live" ]; then echo absent && return 0; fi
  name=$(setting Container "$live") && name=${name:-$service}
  digest=$(digest_of "$name")
  if [ "$(setting Kind "$live")" = service ]; then
    if [ "$(state_of "$name" Running)" = true ]; then echo "running $digest"; else echo failed; fi
  elif [ "$(label_of "$name" release)" != "$(basename -- "$(readlink -- "$root/current")")" ]; then
    # It has not run since, or its container was pruned: the .env says what its next run will be.
    echo "running $(sed -n 's/^IMAGE_TAG=.*@//p' "$root/.env")"
  else
    case $(state_of "$name" ExitCode)$(setting MustSucceed "$live") in
      0* | *no) echo "running $digest" ;;
      *) echo "failed $digest" ;;
    esac
  fi
}

quoted() { if [ -n "$1" ]; then printf '"%s"' "$1"; else printf null; fi; }

seen() { # of --status alone: since when its container runs, is it well, and free disk (MiB)
  local unit=$live container health='' free folder
  if [ ! -e "$live" ]; then return 0; fi
  container=$(setting Container) && container=${container:-$service}
  if [ "$(setting Kind)" = service ] && [ "$(state_of "$container" Running)" = true ]; then
    health=unhealthy
    if is_healthy "http://127.0.0.1:$(port_of "$container")$(setting Health)"; then health=healthy; fi
  fi
  folder=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null) || folder=/
  free=$(df --output=avail -B1048576 -- "$folder" 2>/dev/null | tail -n 1) || free=0
  printf ', "since": "%s", "health": "%s", "disk_free_mib": %d' \
    "$(state_of "$container" StartedAt)" "$health" "${free:-0}"
}

report() { # outcome, digest: the one line that the deploying side reads
  local version='' seconds='' step line
  if [ -L "$root/current" ]; then version=$(version_at "$root/current"); fi
  for step in ${STEPS:-download login pull candidate switch bake drain health}; do
    seconds+=$(printf ', "%s": %d.%03d' "$step" $((${took[$step]} / 1000)) $((${took[$step]} % 1000)))
  done
  line=$(printf '%s' "$detail" | LC_ALL=C tr -c '[:print:]' ' ' | tr '\\"' "/'" | cut -c1-400)
  printf '{"slipway": 1, "service": "%s", "action": "%s", "outcome": "%s", "digest": %s, ' \
    "$service" "$action" "$1" "$(quoted "${2:-}")"
  printf '"version": %s, "previous": %s, "seconds": {%s}, "detail": "%s"%s}\n' \
    "$(quoted "$version")" "$(quoted "$before")" "${seconds#, }" "$line" \
    "$(if [ "$action" = status ]; then seen; fi)"
}

show_logs() { # SSM keeps the first 24,000 characters: few and short lines, or the report is lost
  local container=${name:-$service}
  if has_container "$container-next"; then container=$container-next; fi
  echo "--- the last lines of the container's log ($container)"
  docker logs --tail 20 "$container" 2>&1 | cut -c1-200
  echo "--- the last lines of the unit's journal ($service.service)"
  journalctl --unit "$service.service" --lines 20 --no-pager --output cat 2>&1 | cut -c1-200
}

is_healthy() { # URL
  local code wanted
  wanted=$(setting Status)
  code=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 2 "$1") || return 1
  if [ -n "$wanted" ]; then [ "$code" = "$wanted" ]; else [[ $code == [23]?? ]]; fi
}

exit_of() { # container: its exit code, and what 137 mostly means
  local code
  code=$(state_of "$1" ExitCode)
  if [ "$code" = 137 ]; then code+=': killed, as what takes more than its memory is (key memory)'; fi
  echo "$code"
}

wait_healthy() { # container, URL
  # Running first: somebody else may hold the port and answer well.
  until [ "$(state_of "$1" Running)" = true ] && is_healthy "$2"; do
    if [ "$(state_of "$1" Running)" != true ]; then
      detail="its container ended with exit code $(exit_of "$1")" && return 1
    elif (($(now) > deadline)); then
      detail="not healthy: no good answer from $2 in time" && return 1
    fi
    sleep "$(setting Interval)"
  done
}

bake() { # URL: a crash soon after the switch counts as a failure of the deploy
  local end misses=0
  end=$(($(now) + $(setting Bake) * 1000000))
  while (($(now) < end)); do
    if [ "$(state_of "$name-next" Running)" != true ]; then
      detail="its container ended after the switch, exit code $(exit_of "$name-next")"
      return 1
    fi
    if is_healthy "$1"; then misses=0; else misses=$((misses + 1)); fi
    if ((misses == 3)); then
      detail="unhealthy after the switch: three times no good answer from $1" && return 1
    fi
    sleep "$(setting Interval)"
  done
}
