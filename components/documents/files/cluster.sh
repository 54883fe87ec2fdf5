#!/bin/bash
# What kubernetes_deploy.sh writes into the cluster, always as the one field manager `slipway`.
# shellcheck disable=SC2034,SC2154 # service, root, unit, ... are set by kubernetes_deploy.sh

KINDS=serviceaccounts,services,ingresses,networkpolicies,horizontalpodautoscalers,poddisruptionbudgets,deployments,cronjobs
LABELS_OF='app.kubernetes.io/managed-by=slipway,app.kubernetes.io/name'

cluster() { microk8s kubectl --request-timeout=30s "$@"; }
inside() { cluster --namespace "$namespace" "$@"; }
in_words() { tr -s '[:space:]' ' ' | sed 's/^Error from server[^:]*: //; s/ $//' | cut -c1-360; }

check_cluster() {
  local said
  command -v microk8s >/dev/null ||
    die "this machine has no MicroK8s: say kubernetes: true for a host that is made here, or install the snap"
  said=$(cluster get --raw /readyz 2>&1) ||
    die "MicroK8s does not answer: $(in_words <<<"$said"). See: microk8s status"
}

filled() { # part: its manifests, with the image that was sent and, of a task, a name
  local file=$here/kubernetes/$service.$1.json
  if [ ! -e "$file" ]; then return 0; fi
  # Variables may have any name and value; in these two nothing of a user's is a value of a key.
  if [ "$1" != workload ] && [ "$1" != before ]; then cat -- "$file" && return 0; fi
  sed "s|\"image\": \"@image@\"|\"image\": \"$image\"|; s|\"name\": \"@task@\"|\"name\": \"${task:-}\"|" "$file"
}

apply_text() { # manifests on stdin
  local said
  said=$(cluster apply --server-side --field-manager="${1:-slipway}" --force-conflicts -f - 2>&1) ||
    die "$(grep -v 'serverside-applied$' <<<"$said" | in_words)"
}

apply() { # part
  if [ -e "$here/kubernetes/$service.$1.json" ]; then apply_text < <(filled "$1"); fi
}

object() { # kind, name: the beginning of an object of this namespace
  printf '{"apiVersion": "%s", "kind": "%s", "metadata": {"name": "%s", "namespace": "%s"' \
    "$1" "$2" "$3" "$namespace"
}

write_login() { # ECR takes it for twelve hours
  local word
  if [ "$(setting Login)" != ecr ]; then return 0; fi
  registry=${registry:-$(cut -d/ -f1 "$root/current/image")}
  word=$(aws ecr get-login-password --region "$(setting Region)") ||
    die "no login for $registry: see that the host's role may ecr:GetAuthorizationToken"
  word=$(printf 'AWS:%s' "$word" | base64 -w0)
  word=$(printf '{"auths": {"%s": {"auth": "%s"}}}' "$registry" "$word" | base64 -w0)
  apply_text < <(
    object v1 Secret registry
    printf ', "labels": {"app.kubernetes.io/managed-by": "slipway"}}, '
    printf '"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "%s"}}' "$word"
  )
}

value_of() { # store, name: base64 of its value
  local found
  if [ "$1" = parameter ]; then
    aws ssm get-parameter --name "$2" --with-decryption --region "$(setting Region)" \
      --query Parameter.Value --output text
  else
    aws secretsmanager get-secret-value --secret-id "$2" --region "$(setting Region)" \
      --query SecretString --output text
  fi | head -c -1 | base64 -w0
}

write_secret() { # made here from the references: no value passes the bundle, SSM or Pulumi
  local list=$here/kubernetes/$service.secrets name store path value data='' said
  if [ ! -e "$list" ]; then return 0; fi
  said=$(mktemp)
  while read -r name store path; do
    value=$(value_of "$store" "$path" 2>"$said") || {
      detail="the $store $path cannot be read: $(in_words <"$said"); see that it is there, and that the host's role may read it"
      rm -f -- "$said" && exit 1
    }
    data+="${data:+, }\"$name\": \"$value\""
  done <"$list"
  rm -f -- "$said"
  apply_text < <(
    object v1 Secret "$(setting Secret)"
    printf ', "labels": {"app.kubernetes.io/name": "%s", "app.kubernetes.io/managed-by": "slipway"}}, ' "$service"
    printf '"type": "Opaque", "data": {%s}}' "$data"
  )
}

note_former() { # what the cluster runs while there is no release here to go back to
  local labels spec found
  rm -f -- "$root/.former"
  if [ -L "$root/current" ]; then return 0; fi
  found=$(inside get "$workload" "$service" --ignore-not-found -o name) || die "the cluster cannot be asked for $workload $service"
  if [ -z "$found" ]; then return 0; fi
  labels=$(inside get "$workload" "$service" -o 'jsonpath={.metadata.labels}')
  spec=$(inside get "$workload" "$service" -o 'jsonpath={.spec}')
  {
    object "$(if [ "$workload" = CronJob ]; then echo batch/v1; else echo apps/v1; fi)" "$workload" "$service"
    printf ', "labels": %s}, "spec": %s}' "$labels" "$spec"
  } >"$root/.former"
}

keep_scale() { # what our manifest names no more would fall back to one pod: handed over before
  local number
  if [ "$(setting Scaled)" != yes ]; then return 0; fi
  number=$(inside get deployment "$service" --ignore-not-found --show-managed-fields \
    -o "go-template-file=$here/scale.template")
  if [[ $number == "ours "* ]]; then
    apply_text slipway-scale < <(
      object apps/v1 Deployment "$service" && printf '}, "spec": {"replicas": %s}}' "${number#ours }"
    )
  fi
}

ours() { # kinds: what this service has of them there, written by us
  inside get "$1" --selector "$LABELS_OF=$service" --show-managed-fields -o "go-template-file=$here/ours.template"
}

prune() { # kinds of this release: what it has no more, and variables that no version reads
  local kind name needed
  while read -r kind name; do
    if [[ " $1 " == *" $kind "* && $name = "$service" ]]; then continue; fi
    discard "$kind" "$name"
  done < <(ours "$KINDS")
  needed=$(inside get deployments,replicasets,cronjobs --selector "$LABELS_OF=$service" \
    -o 'jsonpath={..configMapRef.name} {..secretRef.name}') || die 'the cluster cannot be asked which variables are read'
  while read -r kind name; do
    if [[ " $needed " != *" $name "* ]]; then discard "$kind" "$name"; fi
  done < <(ours configmaps,secrets)
}

discard() { # kind, name
  local said
  said=$(inside delete "$1" "$2" --ignore-not-found --wait=false 2>&1) || die "$(in_words <<<"$said")"
  say "$1 $2 is not of this release: deleted"
}

remove_all() {
  local kind name
  while read -r kind name; do discard "$kind" "$name"; done < <(ours "$KINDS,configmaps,secrets")
  while read -r kind name; do discard "$kind" "$name"; done < <(service=$service-task ours jobs)
  end_timer
  rm -rf -- "$root/current" "$root/previous" "$root/.first" "$root/.former"
}

end_timer() {
  systemctl disable --now --quiet "$(timer_name).timer" 2>/dev/null || true
  rm -f -- "/etc/systemd/system/$(timer_name)."{service,timer}
}

timer_name() { echo "slipway-login-$(basename -- "$(dirname -- "$root")")-$service"; }

install_timer() { # a fresh login every four hours, so before twelve are over even if two fail
  local part file
  if [ "$(setting Login)" != ecr ]; then return 0; fi
  for part in service timer; do
    file=/etc/systemd/system/$(timer_name).$part
    sed "s|@root@|$root|; s|@service@|$service|" "$here/login.$part" >"$file.new"
    chmod 0644 "$file.new" && mv -T -- "$file.new" "$file"
  done
  systemctl daemon-reload
  systemctl enable --now --quiet "$(timer_name).timer"
}

go_back() { # to the release before, or to what ran before there was any
  committed=no pod=''
  until_deadline 120
  if [ -L "$root/current" ]; then
    load "$(readlink -f -- "$root/current")"
    image=$(cat "$release/image") && read_image
    say "goes back to $digest"
    for part in base config around workload; do apply "$part"; done
    if [ "$workload" = Deployment ]; then wait_ready; fi
    prune "$(setting Kinds)"
  elif [ -s "$root/.former" ]; then
    say "goes back to what the cluster ran before"
    apply_text <"$root/.former"
    if [ "$workload" = Deployment ]; then wait_ready; fi
  else
    say "nothing ran before: what it made is deleted again"
    remove_all
  fi
}

forget_old() { # releases besides the live one and the one before it: five, the newest ones
  local kept each
  kept=$(readlink -f -- "$root/current" "$root/previous" 2>/dev/null || true)
  find "$root/releases" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2- | tail -n +6 |
    while read -r each; do
      if ! grep -Fqx -- "$each" <<<"$kept"; then rm -rf -- "$each"; fi
    done
}
