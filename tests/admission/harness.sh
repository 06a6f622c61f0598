# What the cases are written in. Every word prints one line, ok or FAILED, and counts it.
# A case acts as somebody: admin, operator, node, @NAME (a controller of the cluster), or a user's name.

operator=system:serviceaccount:modelgate-system:modelgate
passed=0 failed=0
# a node that pods of the cases are bound to; set anew by bind
node=$tag
# how a Deployment stands: paused|mark
state='{.spec.paused}|{.metadata.annotations.modelgate\.dev/admitted}'

as() {
  local who=$1 flags=()
  shift
  case $who in
    admin) ;;
    # system:masters, so that only the policies can refuse
    operator) flags=(--as="$operator" --as-group=system:masters) ;;
    node) flags=(--as="system:node:$node" --as-group=system:nodes --as-group=system:masters) ;;
    @*) flags=(--as="system:serviceaccount:kube-system:${who#@}" --as-group=system:masters) ;;
    *) flags=(--as="$who") ;;
  esac
  "$kubectl" --kubeconfig="$kubeconfig" --request-timeout=20s -n "$ns" "${flags[@]}" "$@"
}

ok() { passed=$((passed + 1)); echo "ok      $1"; }
bad() {
  failed=$((failed + 1))
  echo "FAILED  $1"
  printf '%s\n' "$2" | head -n 4 | cut -c1-400 | sed 's/^/          /'
  as_asked
}

# With a policy taken away the first failure is what was asked for.
as_asked() { [[ -z $without ]] || ((failed == 0)) || { echo "$passed passed, $failed failed"; exit 1; }; }

# refused NAME POLICY WHO COMMAND…: the request fails, and that very policy says so
refused() {
  local name=$1 policy=$2 out
  shift 2
  if out=$(as "$@" 2>&1); then bad "$name" "was let through: $out"
  elif [[ $out == *"'modelgate-$policy'"* ]]; then ok "$name"
  else bad "$name" "not refused by $policy: $out"; fi
}

# fails NAME WORDS WHO COMMAND…: the request fails with these words, whoever says them
fails() {
  local name=$1 words=$2 out
  shift 2
  if out=$(as "$@" 2>&1); then bad "$name" "was let through: $out"
  elif [[ $out == *"$words"* ]]; then ok "$name"
  else bad "$name" "failed, but without \"$words\": $out"; fi
}

# passes NAME WHO COMMAND…: whatever comes of it, no policy refuses it
passes() {
  local name=$1 out
  shift
  out=$(as "$@" 2>&1)
  if [[ $out == *AdmissionPolicy* ]]; then bad "$name" "$out"; else ok "$name"; fi
}

works() {
  local name=$1 out
  shift
  if out=$(as "$@" 2>&1); then ok "$name"; else bad "$name" "$out"; fi
}

# shows NAME EXPECTED WHO COMMAND…: succeeds and prints exactly this
shows() {
  local name=$1 expected=$2 out err
  shift 2
  err=$work/stderr
  if ! out=$(as "$@" 2>"$err"); then bad "$name" "$(cat "$err")"
  elif [[ $out == "$expected" ]]; then ok "$name"
  else bad "$name" "expected \"$expected\", is \"$out\""; fi
}

# warns NAME WORDS WHO COMMAND…: succeeds, with these words among its warnings
warns() {
  local name=$1 words=$2 out
  shift 2
  if out=$(as "$@" 2>&1) && [[ $out == *"$words"* ]]; then ok "$name"; else bad "$name" "$out"; fi
}

# becomes NAME EXPECTED WHO COMMAND…: prints this within 10 s (a controller has to act first)
becomes() {
  local name=$1 expected=$2 out end=$((SECONDS + 10))
  shift 2
  while out=$(as "$@" 2>&1); [[ $out != "$expected" ]]; do
    if ((SECONDS >= end)); then bad "$name" "expected \"$expected\" in 10 s, is \"$out\""; return; fi
    sleep 0.2
  done
  ok "$name"
}

# becomes_refused NAME POLICY MANIFEST WHO COMMAND…: refused by that policy within 10 s (policies take a
# second), the manifest on standard input
becomes_refused() {
  local name=$1 policy=$2 manifest=$3 out end=$((SECONDS + 10))
  shift 3
  while out=$(as "$@" 2>&1 <<<"$manifest"); [[ $out != *"'modelgate-$policy'"*denied* ]]; do
    if ((SECONDS >= end)); then bad "$name" "not refused by $policy in 10 s: $out"; return; fi
    sleep 0.2
  done
  ok "$name"
}

# until_true WHAT COMMAND…: a precondition, not a case; gives up the whole run after 20 s
until_true() {
  local what=$1 end=$((SECONDS + 20))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "gave up: $what" >&2; exit 2; }
    sleep 0.2
  done
}

# settled NAME: the Deployment controller has seen the latest write, so what it has not started it will not
settled() {
  local seen
  seen=$(as admin get deployment "$1" -o jsonpath='{.metadata.generation} {.status.observedGeneration}')
  [[ -n ${seen% *} && ${seen% *} == "${seen#* }" ]]
}

# deployment NAME [IMAGE [ANNOTATIONS [FIELDS-OF-SPEC]]]: a manifest, as JSON
deployment() {
  cat <<EOF
{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "$1", "annotations": ${3:-{\}}},
 "spec": {${4:-}"replicas": 1, "selector": {"matchLabels": {"app": "$1"}},
  "template": {"metadata": {"labels": {"app": "$1"}, "annotations": {"note": "a"}},
   "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "${2:-model:1}"}]}}}}
EOF
}

pod_template='"template": {"metadata": {"labels": {"app": "other"}}, "spec": {"restartPolicy": "%s", "terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "%s"}]}}'

# workload KIND NAME [IMAGE [FIELDS-OF-SPEC]]: a manifest of what cannot be held
workload() {
  local kind=$1 name=$2 image=${3:-model:1} more=${4:-} version=apps/v1 spec template restart=Always
  local selector='"selector": {"matchLabels": {"app": "other"}}, '
  case $kind in
    Pod)
      echo "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"$name\", \"labels\": {\"app\": \"app\"}}, \"spec\": {${more}\"containers\": [{\"name\": \"c\", \"image\": \"$image\"}]}}"
      return ;;
    Job | CronJob) version=batch/v1 restart=Never selector= ;;
    ReplicationController) version=v1 selector= ;;
  esac
  # shellcheck disable=SC2059
  template=$(printf "$pod_template" "$restart" "$image")
  spec="$more$selector$template"
  [[ $kind != CronJob ]] || spec="$more\"schedule\": \"0 0 1 1 *\", \"jobTemplate\": {\"spec\": {$template}}"
  echo "{\"apiVersion\": \"$version\", \"kind\": \"$kind\", \"metadata\": {\"name\": \"$name\"}, \"spec\": {$spec}}"
}

# admit NAME [REVISION]: what the operator does, tests on uid and generation included
admit() {
  local uid generation
  read -r uid generation < <(as admin get deployment "$1" -o jsonpath='{.metadata.uid} {.metadata.generation}')
  as operator patch deployment "$1" --type=json -p "[
    {\"op\": \"test\", \"path\": \"/metadata/uid\", \"value\": \"$uid\"},
    {\"op\": \"test\", \"path\": \"/metadata/generation\", \"value\": $generation},
    {\"op\": \"add\", \"path\": \"/metadata/annotations/modelgate.dev~1admitted\", \"value\": \"${2:-r1}\"},
    {\"op\": \"add\", \"path\": \"/spec/paused\", \"value\": false}]" "${@:3}"
}

# replicaset_of NAME: its newest ReplicaSet; pod_of NAME: one of its pods
replicaset_of() { as admin get replicasets -l "app=$1" --sort-by=.metadata.creationTimestamp -o jsonpath='{.items[-1:].metadata.name}'; }
pod_of() { as admin get pods -l "app=$1" -o jsonpath='{.items[0].metadata.name}'; }
has_pod() { [[ -n $(pod_of "$1" 2>/dev/null) ]]; }

# bind POD: to a node that need not exist, unless a scheduler was faster
bind() {
  as admin create --raw "/api/v1/namespaces/$ns/pods/$1/binding" -f - >/dev/null 2>&1 \
    <<<"{\"apiVersion\": \"v1\", \"kind\": \"Binding\", \"metadata\": {\"name\": \"$1\"}, \"target\": {\"kind\": \"Node\", \"name\": \"$tag\"}}"
  node=$(as admin get pod "$1" -o jsonpath='{.spec.nodeName}')
}
