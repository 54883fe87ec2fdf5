#!/bin/bash
# docker, systemctl, journalctl, curl and aws of a machine that exists only in the folder $FAKE.
# behaviour/<digest> says what an image does: healthy, unhealthy, crash, exit1, missing, wont-switch,
# forged (Docker has another digest after the pull).
tool=$(basename -- "$0")
echo "$tool $*" >>"$FAKE/calls"
digest_in() { echo "${1##*@sha256:}"; }
behaviour() { cat "$FAKE/behaviour/$(digest_in "$1")" 2>/dev/null || echo healthy; }
last() { echo "${*: -1}"; }

start() { # name, image
  mkdir "$FAKE/containers/$1" || { echo "the name $1 is taken" >&2; exit 125; }
  echo "$2" >"$FAKE/containers/$1/Config.Image"
  echo true >"$FAKE/containers/$1/State.Running" && echo 0 >"$FAKE/containers/$1/State.ExitCode"
  case $(behaviour "$2") in crash | exit1)
    echo false >"$FAKE/containers/$1/State.Running" && echo 3 >"$FAKE/containers/$1/State.ExitCode" ;;
  esac
}

docker_() {
  local config=''
  if [ "$1" = --config ]; then config=$2 && shift 2; fi
  case "$1 $2" in
    "container inspect")
      [ -d "$FAKE/containers/$(last "$@")" ] || exit 1
      if [ "$3" = --format ]; then cat "$FAKE/containers/$5/$(echo "$4" | tr -d '{}' | cut -c2-)"; fi ;;
    "image inspect") cat "$FAKE/images/$(digest_in "${!#}")" 2>/dev/null ;;
    "login "*) [ "$(cat)" = a-token ] && touch "$config/logged-in" ;;
    "pull "*)
      [ -e "$config/logged-in" ] || [ -e "$FAKE/open-registry" ] || exit 1
      [ "$(behaviour "$3")" != missing ] || exit 1
      # What a tool of Docker's own would print: the repository's own name, without a tag.
      local digest; digest=$(digest_in "$3")
      if [ "$(behaviour "$3")" = forged ]; then digest=0000${digest:4}; fi
      echo "${3%:*@*}@sha256:$digest" >"$FAKE/images/$(digest_in "$3")" ;;
    "run "*) start "$4" "$(last "$@")" ;;
    "port "*) echo 127.0.0.1:49153 ;;
    "logs "*) echo "a log line of $(last "$@")" ;;
    "rename "*) mv "$FAKE/containers/$2" "$FAKE/containers/$3" ;;
    "rm "*) [ -d "$FAKE/containers/$3" ] && rm -r "$FAKE/containers/$3" ;;
    "stop "*) echo false >"$FAKE/containers/$2/State.Running" ;;
    *) echo "docker $*: not known" >&2 && exit 125 ;;
  esac
}

systemctl_() {
  local unit=/etc/systemd/system/${!#} name image
  name=$(basename -- "${!#}" .service)
  case $1 in
    stop) if [ -d "$FAKE/containers/$name" ]; then echo false >"$FAKE/containers/$name/State.Running"; fi ;;
    restart)
      # shellcheck source=/dev/null
      . "/opt/$name/.env"
      image=$ECR_REGISTRY/$ECR_REPOSITORY:$IMAGE_TAG
      [ "$(behaviour "$image")" != wont-switch ] || exit 1
      /opt/"$name"/deploy/ec2_deploy.sh --prepare "$name" "$image" || exit 1
      start "$name" "$image"
      if grep -q Kind=job "$unit"; then
        echo false >"$FAKE/containers/$name/State.Running"
        sleep "$(cat "$FAKE/job-seconds" 2>/dev/null || echo 0)"
        [ "$(behaviour "$image")" != exit1 ]
      fi ;;
    enable) touch "$FAKE/enabled/$name" ;;
    disable) rm -f "$FAKE/enabled/$name" ;;
    show) echo 0 ;;
    daemon-reload | reset-failed) ;;
    *) echo "systemctl $*: not known" >&2 && exit 1 ;;
  esac
}

curl_() {
  local name=$SLIPWAY_SERVICE
  if [ -e "$FAKE/squatter" ]; then exit 0; fi
  if [[ ${!#} == http://127.0.0.1:49153/* ]]; then name=$name-candidate; fi
  [ "$(cat "$FAKE/containers/$name/State.Running" 2>/dev/null)" = true ] || exit 7
  [ "$(behaviour "$(cat "$FAKE/containers/$name/Config.Image")")" != unhealthy ] || exit 22
}

aws_() {
  case "$1 $2" in
    "s3 cp") cp "$FAKE/bucket/${6#s3://}" "$7" ;;
    "ecr get-login-password") echo a-token ;;
    *) echo "aws $*: not known" >&2 && exit 252 ;;
  esac
}

case $tool in journalctl) echo "a journal line" ;; *) "${tool}_" "$@" ;; esac
