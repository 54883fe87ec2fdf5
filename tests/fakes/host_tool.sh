#!/bin/bash
# docker, systemctl, journalctl, curl and aws of a machine that exists only in the folder $FAKE.
# behaviour/<digest> says what an image does: healthy, unhealthy, crash, exit1, hungry, missing,
# wont-switch, forged (Docker has another digest after the pull), endless (so is its pull).
tool=$(basename -- "$0")
echo "$tool $*" >>"$FAKE/calls"
digest_in() { echo "${1##*@sha256:}"; }
behaviour() { cat "$FAKE/behaviour/$(digest_in "$1")" 2>/dev/null || echo healthy; }
last() { echo "${*: -1}"; }

start() { # name, image
  mkdir "$FAKE/containers/$1" || { echo "the name $1 is taken" >&2; exit 125; }
  echo "$2" >"$FAKE/containers/$1/Config.Image"
  echo true >"$FAKE/containers/$1/State.Running" && echo 0 >"$FAKE/containers/$1/State.ExitCode"
  printf '%s\n' "${labels[@]}" >"$FAKE/containers/$1/labels"
  case $(behaviour "$2") in crash | exit1)
    echo false >"$FAKE/containers/$1/State.Running" && echo 3 >"$FAKE/containers/$1/State.ExitCode" ;;
    hungry)
      echo false >"$FAKE/containers/$1/State.Running" && echo 137 >"$FAKE/containers/$1/State.ExitCode" ;;
  esac
}

docker_() {
  local config=''
  if [ "$1" = --config ]; then config=$2 && shift 2; fi
  case "$1 $2" in
    "container inspect")
      [ -d "$FAKE/containers/$(last "$@")" ] || exit 1
      if [[ $4 == *Labels* ]]; then sed -n "s/^$(echo "$4" | cut -d'"' -f2)=//p" "$FAKE/containers/$5/labels"
      elif [ "$4" = '{{.Id}}' ]; then echo "$5"
      elif [ "$3" = --format ]; then cat "$FAKE/containers/$5/$(echo "$4" | tr -d '{}' | cut -c2-)"; fi ;;
    "image inspect") cat "$FAKE/images/$(digest_in "${!#}")" 2>/dev/null ;;
    "login "*) [ "$(cat)" = a-token ] && touch "$config/logged-in" ;;
    "pull "*)
      [ -e "$config/logged-in" ] || [ -e "$FAKE/open-registry" ] || exit 1
      [ "$(behaviour "$3")" != missing ] || exit 1
      if [ "$(behaviour "$3")" = endless ]; then exec sleep 30; fi
      # What a tool of Docker's own would print: the repository's own name, without a tag.
      local digest; digest=$(digest_in "$3")
      if [ "$(behaviour "$3")" = forged ]; then digest=0000${digest:4}; fi
      echo "${3%:*@*}@sha256:$digest" >"$FAKE/images/$(digest_in "$3")" ;;
    "image rm") rm -f "$FAKE/images/$(digest_in "$3")" ;;
    "manifest "*) echo "$FAKE_SIZE" ;;
    "info "*) echo "$FAKE" ;;
    "ps "*) ls "$FAKE/containers" ;;
    "run "*)
      local name='' labels=()
      while [ $# -gt 1 ]; do
        case $1 in --name) name=$2 ;; --label) labels+=("$2") ;; --env-file) cat -- "$2" >>"$FAKE/environment" ;; esac
        shift
      done
      for folder in "$FAKE"/containers/*; do
        for label in "${labels[@]}"; do
          if [[ $label == slipway.port=* ]] && grep -qsx "$label" "$folder/labels"; then
            echo "Bind failed: port is already allocated" >&2 && exit 125
          fi
        done
      done
      start "$name" "$1" ;;
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
    stop)
      if [ -d "$FAKE/containers/$name" ]; then echo false >"$FAKE/containers/$name/State.Running"; fi
      rm -f "$FAKE/active/$name" ;;
    is-active) [ "$name" = nginx ] || [ -e "$FAKE/active/$name" ] ;;
    reload)
      if [ "$name" = nginx ]; then cp /etc/nginx/conf.d/*.conf "$FAKE/nginx/" 2>/dev/null || rm -f "$FAKE"/nginx/*; fi ;;
    start | restart)
      # shellcheck source=/dev/null
      . "/opt/$name/.env"
      image=$ECR_REGISTRY/$ECR_REPOSITORY:$IMAGE_TAG
      /opt/"$name"/deploy/ec2_deploy.sh --prepare "$name" 9>&- || exit 1
      touch "$FAKE/active/$name"
      if grep -q Kind=job "$unit"; then
        /opt/"$name"/deploy/ec2_deploy.sh --run "$name" || exit 1
        echo false >"$FAKE/containers/$name/State.Running"
        sleep "$(cat "$FAKE/job-seconds" 2>/dev/null || echo 0)"
        [ "$(behaviour "$image")" != exit1 ]
      fi ;;
    enable) touch "$FAKE/enabled/$name" ;;
    disable) rm -f "$FAKE/enabled/$name" ;;
    daemon-reload | reset-failed) ;;
    *) echo "systemctl $*: not known" >&2 && exit 1 ;;
  esac
}

curl_() { # the container at a port, or nginx and the container that its file names
  local url=${!#} port name
  port=${url#http://127.0.0.1:} && port=${port%%/*}
  if [[ $* == *dump-header* ]]; then
    port=$(sed -n 's/^  server 127.0.0.1:\([0-9]*\) max.*/\1/p' "$FAKE/nginx/slipway-$SLIPWAY_SERVICE.conf")
    name=$(grep -lx "slipway.port=$port" "$FAKE"/containers/*/labels | head -n 1)
    name=$(cat "$(dirname -- "$name")/Config.Image" 2>/dev/null)
    [ "$(behaviour "$name")" != wont-switch ] || exit 7
    sed -n 's/^  127.0.0.1 \(.*\);/X-Slipway-Upstream: \1/p' "$FAKE/nginx/slipway-$SLIPWAY_SERVICE.conf"
    exit
  fi
  if [ "$port" = 8080 ]; then
    port=$(sed -n 's/^  server 127.0.0.1:\([0-9]*\) max.*/\1/p' "$FAKE/nginx/slipway-$SLIPWAY_SERVICE.conf")
  fi
  if [ -e "$FAKE/squatter" ]; then echo 200 && exit 0; fi
  name=$(grep -lx "slipway.port=$port" "$FAKE"/containers/*/labels | head -n 1)
  name=$(basename -- "$(dirname -- "$name")")
  [ "$(cat "$FAKE/containers/$name/State.Running" 2>/dev/null)" = true ] || exit 7
  case $(behaviour "$(cat "$FAKE/containers/$name/Config.Image")") in
    unhealthy) echo 503 ;;
    *) echo 200 ;;
  esac
}

aws_() {
  case "$1 $2" in
    "s3 cp") cp "$FAKE/bucket/${6#s3://}" "$7" ;;
    "ecr get-login-password") echo a-token ;;
    "ssm get-parameters-by-path") cat "$FAKE/parameters" ;;
    *) echo "aws $*: not known" >&2 && exit 252 ;;
  esac
}

case $tool in journalctl) echo "a journal line" ;; nginx | pgrep | ss) [ "$tool" != pgrep ] ;; *) "${tool}_" "$@" ;; esac
