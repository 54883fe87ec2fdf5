#!/bin/bash
# `current` names the last completed release. Everything else follows from it: after a deploy, after
# one that failed, after one that was cut off, at a boot.
# shellcheck disable=SC2034,SC2154 # service, root, live, detail, ... are set by ec2_deploy.sh

is_ours() { grep -qsxF '[X-Slipway]' "$live"; }

install_release() { # release: unit, timer, .env and the link `deploy` are its own
  local timer=$1/deploy/systemd/$service.timer changed=no
  if [ -e "$live" ] && ! is_ours; then
    cp -p -- "$live" "$root/.unit.before"
    if [ -e "$root/.env" ]; then cp -p -- "$root/.env" "$root/.env.before"; fi
  fi
  if [ -e "$run/env.new" ]; then install_env "$run/env.new"; fi
  point "releases/$(basename -- "$1")/deploy" "$root/deploy"
  if ! cmp -s -- "$unit" "$live"; then
    install -m 0644 -- "$unit" "$live.new" && mv -T -- "$live.new" "$live" && changed=yes
  fi
  if [ -e "$timer" ]; then
    cmp -s -- "$timer" "${live%.service}.timer" || {
      install -m 0644 -- "$timer" "${live%.service}.timer" && changed=yes
    }
  elif [ -e "${live%.service}.timer" ]; then
    systemctl disable --now --quiet "$service.timer" || true
    rm -f -- "${live%.service}.timer" && changed=yes
  fi
  if [ "$changed" = yes ]; then systemctl daemon-reload; fi
}

restore_env() { # the image of `current`, if a deploy that was cut off had written another one
  image=$(cat "$release/image")
  read_image
  if [[ $(env_image) == "$registry/$repository:"*"@$digest" ]]; then return 0; fi
  tag=${tag:-$(version_of "$release")}
  write_env "$run/env.new" || die "$detail"
}

chosen_container() { # preferred ones first: of this release, and, a service, running
  local each
  for each in "$@"; do
    if [ "$(label_of "$each" release)" = "$(basename -- "$release")" ] &&
      { [ "$kind" = job ] || [ "$(state_of "$each" Running)" = true ]; }; then
      echo "$each" && return 0
    fi
  done
}

settle() { # the container to prefer, if two are of the same release
  local chosen each
  if [ ! -L "$root/current" ]; then leave_nothing && return 0; fi
  load "$(readlink -f -- "$root/current")"
  if [ ! -s "$release/image" ]; then bring_back_foreign && return 0; fi
  if [ "$committed" = no ]; then rm -f -- "$run/env.new" && restore_env; fi
  install_release "$release"
  chosen=$(chosen_container "$1" "$name" "$name-before" "$name-next")
  if [ "$kind" = service ]; then
    if [ -z "$chosen" ]; then
      remove_containers "$name-next"
      if [ -z "${image:-}" ]; then image=$(cat "$release/image"); fi
      pull "$image" "$unit" || die "$detail"
      start_container "$name-next" "$root/.env" && chosen=$name-next
    fi
    point_nginx "$(port_of "$chosen")" || die "$detail"
    lap switch
    step pointed
  fi
  if [ -n "$chosen" ] && [ "$chosen" != "$name" ]; then
    remove_containers "$name-former"
    if has_container "$name"; then docker rename "$name" "$name-former"; fi
    step half-named
    docker rename "$chosen" "$name"
  fi
  step named
  adopt
  step adopted
  for each in $(ours) "$name-former"; do
    if [ "$each" != "$name" ] && has_container "$each"; then drain "$each"; fi
  done
  lap drain
  step drained
  rm -f -- "$root/.deploying" "$root/.foreign" "$root/.unit.before" "$root/.env.before"
  if [ "$kind" = service ] && [ "$committed" = yes ]; then
    wait_healthy "$name" "http://127.0.0.1:$(setting Publish | cut -d' ' -f1)$(setting Health)" || die "$detail"
    lap health
  fi
}

adopt() { # the unit follows the container that now has the name
  local timer
  if [ "${PREPARING:-no}" = yes ]; then return 0; fi
  timer=${live%.service}.timer
  if [ "$kind" = job ]; then
    if [ -e "$timer" ]; then systemctl enable --now --quiet "$service.timer"; fi
    if [ "$(setting AtDeploy)" = yes ]; then systemctl enable --quiet "$service.service"
    else systemctl disable --quiet "$service.service" 2>/dev/null || true; fi
    return 0
  fi
  systemctl enable --quiet "$service.service"
  systemctl reset-failed "$service.service" 2>/dev/null || true
  if systemctl is-active --quiet "$service.service"; then systemctl reload "$service.service"
  else systemctl start "$service.service"; fi
}

leave_nothing() { # of a first deploy that failed, or that is taken back
  if [ -e "$root/.foreign" ]; then bring_back_foreign && return 0; fi
  if [ -e "${live%.service}.timer" ]; then
    systemctl disable --now --quiet "$service.timer" || true
    rm -f -- "${live%.service}.timer"
  fi
  if [ "${kind:-service}" = service ]; then close_nginx; fi
  # shellcheck disable=SC2046 # names of containers hold no blanks
  remove_containers $(ours)
  # What somebody else put there is not ours to remove.
  if is_ours; then
    systemctl disable --now --quiet "$service.service" || true
    if ! grep -Evqs "$OWN" "$root/.env"; then rm -f -- "$root/.env"; fi
    rm -f -- "$live"
    if [ -e "$root/.unit.before" ]; then mv -T -- "$root/.unit.before" "$live"; fi
    if [ -e "$root/.env.before" ]; then mv -T -- "$root/.env.before" "$root/.env"; fi
    systemctl daemon-reload
  fi
  rm -rf -- "$root/deploy" "$root/previous" "$root/.first" "$root/.deploying" "$run"
}

make_way() { # a container of the name that is none of ours holds the port: stopped, once
  if has_container "$name" && [ -z "$(label_of "$name" service)" ]; then
    say "takes over from the container $name, which had no release: its port is free for a moment"
    touch "$root/.foreign"
    systemctl stop "$service.service" 2>/dev/null || true
    docker stop "$name" >/dev/null 2>&1 || true # its unit may have removed it
  fi
}

bring_back_foreign() {
  local port
  remove_containers "$name-next"
  if [ -e "$root/.foreign" ]; then
    close_nginx
    until_deadline 10
    # nginx lets go of the ports a moment after it was told.
    for port in $(setting Publish); do
      while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && (($(now) < deadline)); do sleep 0.1; done
    done
    if [ -e "$live" ]; then systemctl restart "$service.service"; else docker start "$name" >/dev/null; fi
  fi
  rm -f -- "$root/.foreign" "$root/.deploying"
}

finish() { # every way out of a deploy that did not reach its end
  trap - EXIT ERR && set +eE
  local outcome running why=$detail
  show_logs
  rm -f -- "$run/env.new"
  say "goes on with ${before:-nothing: this was the first}"
  # In a shell of its own: what fails in there must not keep the report back.
  detail=$(
    exec 7>&1 >&2
    detail='' && trap 'printf %s "$detail" >&7' EXIT
    settle "${name:-$service}"
  )
  detail=$why${detail:+; the version before is not right either: $detail}
  read -r outcome running < <(in_place)
  if [ "$committed" = yes ]; then report failed "$running" && exit 1; fi
  # What came back is a job whose last run had failed, or a service that serves.
  if [ "$outcome" != absent ] && [ -n "$running" ]; then report put-back "$running"; else report failed; fi
  exit 1
}

restore() { # version: puts back what it replaced, through the same switch
  local version=$1
  if [ ! -L "$root/current" ] || [ "$(version_at "$root/current")" != "$version" ]; then return 0; fi
  load "$(readlink -f -- "$root/current")"
  if [ -e "$root/.deploying" ]; then settle "$name"; fi
  if [ -e "$root/.first" ]; then
    rm -f -- "$root/current" && leave_nothing
  elif [ -L "$root/previous" ] && [ -s "$root/previous/image" ]; then
    before=$version
    load "$(readlink -f -- "$root/previous")"
    put_in_place "$(version_at "$root/previous")" "$(cat "$release/image")"
  fi
}
