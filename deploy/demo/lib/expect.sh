# What the demo claims is checked. Whatever is not as told ends it, with what is needed to see why.

# give_up SENTENCE
give_up() {
  trap - EXIT
  printf '\n%sdemo: %s%s\n' "$red" "$*" "$plain" >&2
  {
    echo '--- the release'
    kubectl -n lending describe modelrelease mortgage-approval || true
    echo '--- Deployment, ReplicaSets, pods, runs, approvals'
    kubectl -n lending get deployments,replicasets,pods,jobs,gateruns,releaseapprovals,admittedrevisions -o wide || true
    echo '--- the operator, last 60 lines'
    kubectl -n modelgate-system logs -l app.kubernetes.io/name=modelgate --prefix --tail=60 || true
  } >&2
  printf '\n%sdemo: %s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# stopped CODE: on every exit that nobody has told about
stopped() {
  (($1 == 0)) || [[ ${told-} ]] || printf '\n%sdemo: stopped with exit code %s; the reason is above%s\n' "$red" "$1" "$plain" >&2
}

# within SECONDS WHAT COMMAND…: waits until the command is true; gives up when time is over
within() {
  local seconds=$1 what=$2 since
  shift 2
  since=$(now)
  until "$@"; do
    (($(now) - since < seconds * 1000)) || give_up "waited $seconds s in vain: $what"
    sleep 0.2
  done
  note "waited $(seconds_since "$since") s: $what"
}

# check WHAT COMMAND…: must be true now
check() {
  local what=$1
  shift
  "$@" || give_up "not so: $what"
  good "$what"
}

# has TEXT WORD…: every word is in the text
has() {
  local text=$1 word
  shift
  for word; do [[ $text == *"$word"* ]] || { note "missing: $word"; return 1; }; done
}

# field NAMESPACE OBJECT JSONPATH: empty when it is not there
field() { kubectl -n "$1" get "$2" -o "jsonpath=$3" 2>/dev/null || true; }

release() { field lending modelrelease/mortgage-approval "$1"; }
deployment() { field lending deployment/mortgage-approval "$1"; }

# reason TYPE: reason of the release's condition, if it is about the release and the Deployment as they are now
reason() {
  local seen
  [[ $(release '{.status.target.observedGeneration}') == "$(deployment '{.metadata.generation}')" ]] || return 0
  seen=$(release "{.metadata.generation} {.status.observedGeneration} {.status.conditions[?(@.type==\"$1\")].reason}")
  [[ ${seen%% *} == "$(cut -d' ' -f2 <<<"$seen")" ]] && echo "${seen##* }"
}

# says TYPE REASON…: the condition has one of the reasons
says() {
  local type=$1 found wanted
  shift
  found=$(reason "$type")
  for wanted; do [[ $found == "$wanted" ]] && return; done
  return 1
}

# pods_of DIGEST: names of pods that serve this model and are not being stopped, one a line
pods_of() {
  kubectl -n lending get pods -l app.kubernetes.io/name=mortgage-approval \
    -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.annotations.modelgate\.dev/model-digest} {.metadata.deletionTimestamp}{"\n"}{end}' |
    awk -v digest="$1" '$2 == digest && $3 == "" { print $1 }'
}

all_pods() { kubectl -n lending get pods -l app.kubernetes.io/name=mortgage-approval -o name; }
no_pods() { [[ -z $(all_pods) ]]; }

# only_pods_of DIGEST: two pods, both of this model, and no other
only_pods_of() { [[ $(pods_of "$1" | wc -l) == 2 && $(all_pods | wc -l) == 2 ]]; }

# digest VERSION: the model digest that the version's manifest names
digest() { sed -n 's/^ *digest: \(sha256:[0-9a-f]*\)$/\1/p' "$work/$1/release.yaml" | head -n 1; }

# traffic FIELD: what the load generator counted: ok, failed
traffic() {
  kubectl -n lending-traffic exec deploy/mortgage-load -- /mortgage traffic | tr ',{}' '\n\n\n' | sed -n "s/^\"$1\":\([0-9]*\)$/\1/p"
}

# has_watch VERSION: what the watch says is about this version
has_watch() { says WatchHealthy WithinLimits && has "$(condition WatchHealthy)" "$1" >/dev/null; }

unchanged() { ! grep -v ' unchanged$' <<<"$1" | grep -v '^Warning: '; }
observed() { [[ $(deployment '{.status.observedGeneration}') == "$(deployment '{.metadata.generation}')" ]]; }
about_now() { [[ $(reason Ready) ]]; }

# show_until SECONDS WHAT PREDICATE COMMAND: shows what the command prints while it waits for the predicate
show_until() {
  local seconds=$1 what=$2 predicate=$3 watcher since code=0
  printf '$ %s\n' "$4"
  eval "exec $4" 2>/dev/null &
  watcher=$!
  since=$(now)
  until "$predicate"; do
    (($(now) - since < seconds * 1000)) || { code=1; break; }
    sleep 0.3
  done
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  ((code == 0)) || give_up "waited $seconds s in vain: $what"
}

# condition TYPE: its message
condition() { release "{.status.conditions[?(@.type==\"$1\")].message}"; }
