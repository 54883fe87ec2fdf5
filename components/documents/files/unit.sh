#!/bin/bash
# What the unit of a service or a job does: prepare its container, follow it, run it.
# shellcheck disable=SC2034,SC2154 # service, root, run, ... are set by ec2_deploy.sh

prepare() { # with all rights, before each start: at a boot, after a crash, by hand
  local port PREPARING=yes
  exec 9>>"$root/.lock"
  load "$(readlink -f -- "$root/deploy/..")"
  # A deploy that holds the lock is at work, and has asked for this start; one that left its mark
  # without holding it was cut off.
  if [ -e "$root/.deploying" ] && flock --nonblock 9; then
    say "a deploy was cut off: back to the last completed release"
    settle "$name"
  fi
  if [ "$kind" = service ] && [ "$(state_of "$name" Running)" = true ]; then return 0; fi
  image=$(env_image)
  if [ ! -e "$root/.env" ]; then image=$(cat "$release/image"); fi
  version=$(version_of "$release")
  read_image
  if [ -n "$(setting Parameters)" ] && { [ ! -e "$run/env" ] || [ ! -L "$root/.env" ]; }; then
    write_env "$run/env.start" || { say "$detail" >&2 && exit 1; }
    install_env "$run/env.start"
  fi
  pull "$image" "$unit" || { say "$detail" >&2 && exit 1; }
  if [ "$kind" = job ]; then
    read_options
    remove_containers "$name"
    return 0
  fi
  port=$(port_of "$name")
  remove_containers "$name"
  start_container "$name" "$root/.env" "$port" || { say "$detail" >&2 && exit 1; }
  # In a bake window nginx leads here too, and to the new one first.
  if grep -qsF "127.0.0.1:$(port_of "$name") " "$site"; then return 0; fi
  point_nginx "$(port_of "$name")" || { say "$detail" >&2 && exit 1; }
}

follow() { # the log of the container that has the name; a reload looks which one that is
  local child=0 again=yes id='' since=''
  trap 'again=yes; kill "$child" 2>/dev/null' HUP
  trap 'kill "$child" 2>/dev/null; exit 0' TERM
  while [ "$again" = yes ]; do
    again=no
    load "$(readlink -f -- "$root/deploy/..")"
    if [ "$(docker container inspect --format '{{.Id}}' "$name")" = "$id" ]; then since=$(date +%s)
    else since=0; fi
    id=$(docker container inspect --format '{{.Id}}' "$name")
    docker logs --follow --since "$since" "$id" &
    child=$!
    wait "$child" || true
    # Its log may end before it: a restart of Docker, a turned file.
    while [ "$again" = no ] && [ "$(state_of "$id" Running)" = true ]; do sleep 0.5; done
  done
  code=$(state_of "$id" ExitCode)
  say "its container ended with exit code ${code:-unknown}"
  exit 1
}

run_job() { # in the foreground: its output is the unit's
  load "$(readlink -f -- "$root/deploy/..")"
  read_options
  image=$(env_image)
  # The container stays until the next start, so that `docker logs` has something to show.
  exec docker run --name "$name" --env-file "$root/.env" "${options[@]}" "$image"
}

keep_converging() { # at a boot too: the script for that, and where this stack's document is
  local file
  install -d -m 0755 -- /etc/slipway/stacks
  for file in bootstrap.sh converge.sh; do replace "$here/$file" "/etc/slipway/$file"; done
  if [ -n "${SLIPWAY_OWN:-}" ]; then
    printf '%s\n' "$SLIPWAY_OWN" >"/etc/slipway/own.$$"
    replace "/etc/slipway/own.$$" "/etc/slipway/stacks/$(sed -n 's/^stack=//p' "/etc/slipway/own.$$")"
    rm -f -- "/etc/slipway/own.$$"
  fi
  replace "$here/slipway-converge.service" /etc/systemd/system/slipway-converge.service
  systemctl is-enabled --quiet slipway-converge.service || {
    systemctl daemon-reload
    systemctl enable --quiet slipway-converge.service
  }
}

replace() { # file, by one of other content; two services may do it at once
  if [ -e "$2" ] && cmp -s -- "$1" "$2"; then return 0; fi
  install -m 0644 -- "$1" "$2.$$" && mv -T -- "$2.$$" "$2"
}
