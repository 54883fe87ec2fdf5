#!/bin/bash
# What kubernetes_deploy.sh asks of the cluster: how far is it, what runs, what has gone wrong.
# shellcheck disable=SC2034,SC2154 # service, root, unit, ... are set by kubernetes_deploy.sh

look() { # fills words, complete, failure, pod and images; 1 if the API does not answer
  local found line hash revision='' kind set name ready restarts image reason ended said
  local -a now=()
  found=$(inside get "$1" --selector "$2" -o "go-template-file=$here/progress.template" 2>&1) || { words=$(in_words <<<"$found") && return 1; }
  words='the cluster has not seen it yet' complete=no failure='' images='' pod='' hash=''
  IFS='|' read -ra now < <(grep '^D' <<<"$found") || true
  if [ "$3" = Deployment ]; then
    if [ "${#now[@]}" = 0 ]; then failure="somebody has deleted the deployment $service" && return 0; fi
    if ((now[2] < now[1])); then return 0; fi
    revision=${now[7]}
    hash=$(sed -n "s/^S|\([^|]*\)|$revision\$/\1/p" <<<"$found")
  fi
  local seen=0
  while IFS='|' read -r kind set name ready restarts image reason ended said; do
    if [ "$kind" != P ] || [ "$set" != "${hash:-$set}" ]; then continue; fi
    if [ "$ready" = true ]; then seen=$((seen + 1)); fi
    images+="${image##*@} "
    case $reason in
      ImagePullBackOff | InvalidImageName) failure="its image can't be pulled ($reason: $said)" ;;
      CreateContainerConfigError | CreateContainerError | RunContainerError)
        failure="its container can't be made ($reason: $said)" ;;
      *) if ((${restarts:-0} >= 2)); then failure="its program has ended $restarts times, last with exit code $ended: $said"; fi ;;
    esac
    if [ -n "$failure" ]; then pod=$name && failure="pod $name: $(processor "$said")$failure" && return 0; fi
    if [ "$ready" != true ]; then pod=$name; fi
  done <<<"$found"
  if [ "$3" != Deployment ]; then return 0; fi
  words="$seen of ${now[3]} new pods ready, $((now[6] - now[4])) old ones left"
  if [ -n "${now[8]:-}" ]; then failure="the cluster refuses its pods: ${now[8]}"; fi
  if ((now[4] == now[3] && now[6] == now[4] && now[5] == now[4])); then complete=yes; fi
}

processor() { # what was said: is the image for another one?
  if [[ $1 == *"exec format error"* || $1 == *"no match for platform"* ]]; then
    printf 'the image is for another processor than this node, %s: build it for that (platforms in slipway:build); ' \
      "$(cluster get nodes -o 'jsonpath={.items[*].status.nodeInfo.architecture}')"
  fi
}

wait_ready() { # until every pod is of the new version and ready
  local last='' silent=0 words complete failure images
  while :; do
    if look deployments,replicasets,pods "$LABELS_OF=$service" Deployment; then
      silent=0
      if [ -n "$failure" ]; then die "$failure"; fi
      if [ "$complete" = yes ]; then return 0; fi
    else
      # An API that is restarted comes back.
      silent=$((silent + 1))
      if ((silent > 30)); then die "the API does not answer any more: $words"; fi
    fi
    if [ "$words" != "$last" ]; then say "$words" && last=$words; fi
    if (($(now) > deadline)); then die "timed out after $(setting Timeout) s: not ready in time: $words"; fi
    sleep 0.4
  done
}

read_back() { # the runtime's own word for what each pod runs
  local words complete failure images each
  look deployments,replicasets,pods "$LABELS_OF=$service" Deployment || die "the pods cannot be read: $words"
  [ -n "$images" ] || die 'there are no pods'
  for each in $images; do
    [ "$each" = "$digest" ] || in_index "$each" || die "the pods run $each, not $digest"
  done
}

in_index() { # digest: is it a platform's manifest of the index that was sent?
  [ "$(setting Login)" = ecr ] || return 1
  aws ecr batch-get-image --region "$(setting Region)" --repository-name "$repository" \
    --image-ids "imageDigest=$digest" --query 'images[0].imageManifest' --output text 2>/dev/null |
    grep -Fq -- "\"$1\""
}

run_before() { # the task that must succeed first; tried once
  local task words complete failure images state
  if [ ! -e "$here/kubernetes/$service.before.json" ]; then return 0; fi
  task=$service-before-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
  apply before
  while :; do
    state=$(inside get job "$task" -o 'jsonpath={range .status.conditions[?(@.status=="True")]}{.type}: {.message}{"\n"}{end}' 2>&1) || state=''
    case $state in
      *Complete:*) return 0 ;;
      *Failed:*) pod=$(inside get pods --selector "job-name=$task" -o name | head -n 1)
        pod=${pod#pod/} && die "the task before it ($task) failed: ${state##*Failed: }" ;;
    esac
    if look pods "job-name=$task" Job && [ -n "$failure" ]; then
      inside delete job "$task" --wait=false >/dev/null || true
      die "the task before it ($task): $failure"
    fi
    if (($(now) > deadline)); then
      show_logs
      inside delete job "$task" --wait=false >/dev/null || true
      die "timed out after $(setting Timeout) s: the task before it ($task) did not end in time"
    fi
    sleep 0.4
  done
}

in_place() { # the outcome and the digest of what is there
  local found
  if [ -z "$workload" ]; then echo absent && return 0; fi
  found=$(inside get "$workload" "$service" --ignore-not-found -o 'go-template={{if eq .kind "CronJob"}}1 {{range .spec.jobTemplate.spec.template.spec.containers}}{{.image}}{{end}}{{else}}{{or .status.availableReplicas 0}} {{range .spec.template.spec.containers}}{{.image}}{{end}}{{end}}' 2>/dev/null) || {
    echo failed && return 0
  }
  case $found in
    '') echo absent ;;
    '0 '*) echo "failed ${found##*@}" ;;
    *@sha256:*) echo "running ${found##*@}" ;;
    *) echo "running ${found#* }" ;;
  esac
}

differs() { # of --status alone: what an apply would change is what somebody else has changed
  local part found='' text
  image=$(cat "$release/image") && read_image
  for part in base config around workload; do
    if [ ! -e "$here/kubernetes/$service.$part.json" ]; then continue; fi
    text=$(filled "$part" | cluster diff --server-side --force-conflicts --field-manager=slipway -f - 2>/dev/null) || true
    found+=$(sed -En 's|^diff .*/[^/ ]*\.([A-Z][A-Za-z]*)\.[^/ ]*$|\1:|p; /^(---|\+\+\+) /d; /^[-+] *(generation|resourceVersion|uid|creationTimestamp):/d; s/^([-+]) */\1/p' <<<"$text")
    found+=' '
  done
  found=$(tr -s '[:space:]' ' ' <<<"$found")
  if [ -n "${found// /}" ]; then outcome=changed detail="changed by hand:${found:0:300}"; fi
}

seen() { # of --status alone: since when it runs, and is all of it there
  local since health
  since=$(inside get "$workload" "$service" --ignore-not-found -o 'jsonpath={.metadata.creationTimestamp}' 2>/dev/null) || true
  health=$(if [[ ${outcome:-} =~ running|changed ]]; then echo healthy; else echo unhealthy; fi)
  printf ', "since": "%s", "health": "%s"' "$since" "$health"
}

show_logs() { # SSM keeps the first 24,000 characters: few and short lines, or the report is lost
  if [ -z "$pod" ]; then return 0; fi
  echo "--- events of $pod"
  inside get events --field-selector "involvedObject.name=$pod" -o 'go-template={{range .items}}{{.reason}}: {{printf "%.300s" .message}}{{"\n"}}{{end}}' 2>&1 | tail -n 8 | cut -c1-300
  echo "--- the last lines of the log of $pod"
  { inside logs "$pod" --tail=20 2>/dev/null || inside logs "$pod" --tail=20 --previous 2>&1; } | cut -c1-200
}
