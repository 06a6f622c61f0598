# The backstop: a guarded digest starts in no Pod and no ReplicaSet. 512 digests, the most there can be.

bad_digest=sha256:$(printf '%064x' 511) good_digest=sha256:$(printf '%064x' 9999)
entries=$(for ((i = 0; i < 512; i++)); do printf ',{"digest": "sha256:%064x", "namespace": "%s", "release": "mortgage", "since": "2026-01-01T00:00:00Z"}' "$i" "$ns"; done)
guard_written=yes
echo "{\"status\": {\"guarded\": [${entries#,}]}}" >"$work/guard"
child() { as @replicaset-controller create --dry-run=server -f - <<<"$1"; }
# The list is the operator's, who may write its own over this one while the cases run: try a few times.
guarded() {
  local name=$1 manifest=$2 out try
  for ((try = 0; try < 40; try++)); do
    ((try % 10)) || as operator patch gateconfig modelgate --subresource=status --type=merge --patch-file "$work/guard" >/dev/null
    out=$(child "$manifest" 2>&1) || break
    sleep 0.1
  done
  if [[ $out == *"'modelgate-guard'"* ]]; then ok "$name"; else bad "$name" "$out"; fi
}

guarded "a guarded digest as image" "$(workload Pod g "model@$bad_digest")"
guarded "as argument" "$(workload Pod g model:1 | sed "s/\"image\"/\"args\": [\"--model=$bad_digest\"], \"image\"/")"
guarded "as command" "$(workload Pod g model:1 | sed "s/\"image\"/\"command\": [\"serve\", \"$bad_digest\"], \"image\"/")"
guarded "in an environment variable, in capitals" "$(workload Pod g model:1 | sed "s/\"image\"/\"env\": [{\"name\": \"MODEL\", \"value\": \"x ${bad_digest^^}\"}], \"image\"/")"
guarded "in an init container" "$(workload Pod g model:1 "\"initContainers\": [{\"name\": \"i\", \"image\": \"m@$bad_digest\"}], ")"
guarded "as image volume" "$(workload Pod g model:1 "\"volumes\": [{\"name\": \"v\", \"image\": {\"reference\": \"m@$bad_digest\"}}], ")"
guarded "as annotation" "$(workload Pod g | sed "s/\"labels\"/\"annotations\": {\"modelgate.dev\/model-digest\": \"$bad_digest\"}, \"labels\"/")"
works "another digest starts" @replicaset-controller create --dry-run=server -f - <<<"$(workload Pod g "model@$good_digest")"
words=$(for ((i = 0; i < 3000; i++)); do printf ' sha256:%064x' $((i + 1000)); done)
pod_of_words() { local pod; pod=$(workload Pod g); echo "${pod/\"image\"/\"args\": [\"$1\"], \"image\"}"; }
works "a Pod with 3,000 other digests starts, within the cost limit" @replicaset-controller create --dry-run=server -f - <<<"$(pod_of_words "$words")"
guarded "and does not with a guarded one behind them" "$(pod_of_words "$words $bad_digest")"
refused "a marked ReplicaSet of a guarded digest" guard @deployment-controller create --dry-run=server -f - <<<"$(made g 1 '{"modelgate.dev/admitted": "r1"}' | sed "s/model:1/model@$bad_digest/")"
shows "a Deployment that names one is not refused but held" "$held" eve create --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment g "model@$bad_digest")"
as operator patch gateconfig modelgate --subresource=status --type=merge -p "{\"status\": {\"guarded\": $saved_guard}}" >/dev/null
guard_written=
