# What ran before its namespace was governed is not disturbed, and not a way in. Then life's end.

ns=$late
as admin create -f - >/dev/null <<EOF
$(deployment run)
$(deployment still)
$(deployment zero | sed 's/"replicas": 1/"replicas": 0/')
$(deployment low model:1 '' '"revisionHistoryLimit": 0,')
$(workload StatefulSet asleep model:1 '"replicas": 0, ')
$(workload StatefulSet exempt model:1 '"replicas": 0, ')
$(workload StatefulSet awake model:1 '"replicas": 1, ')
$(workload ReplicationController asleep model:1 '"replicas": 0, ')
$(workload DaemonSet old)
$(workload Job asleep model:1 '"suspend": true, ')
$(workload Job idle model:1 '"parallelism": 0, ')
$(workload CronJob asleep model:1 '"suspend": true, ')
EOF
until_true "a Deployment starts" has_pod run
until_true "another starts" has_pod still
until_true "the third settles" settled zero
as admin rollout pause deployment/still >/dev/null
as admin label namespace "$ns" modelgate.dev/enforcement=enforce >/dev/null
enforced() { ! as admin create --dry-run=server -f - <<<"$(workload Pod bad)"; }
[[ $without == unholdable ]] || until_true "the namespace is governed" enforced

# An operator may adopt them at any moment: paused, or marked by it, is the most that can be said then.
paused='{.spec.paused}'
refused_to_run() {
  local out
  out=$(as eve get deployment "$2" -o jsonpath="$state")
  if [[ $out == 'true|' || $out == *'|'?* ]]; then ok "$1"; else bad "$1" "$out"; fi
}
works "resume of one that was paused before" eve rollout resume deployment/still
refused_to_run "does not let it run before it is adopted" still
works "one that ran is scaled" eve scale deployment/run --replicas=2
shows "and runs on" "" eve get deployment run -o jsonpath="$paused"
becomes "with a ReplicaSet that follows" 2 admin get replicasets -l app=run -o jsonpath='{.items[*].spec.replicas}'
shows "a label does not hold it" "" eve label deployment run team=x -o jsonpath="$paused"
shows "nor a replace with the same manifest" "" eve replace -f - -o jsonpath="$paused" <<<"$(deployment run)"
works "a history limit of 0 from before is not refused" eve label deployment low team=x
works "one without pods is scaled up" eve scale deployment/zero --replicas=1
# The Deployment controller tries and is refused, and then does not even report the generation it saw.
out=$(as @deployment-controller patch replicaset "$(replicaset_of zero)" --dry-run=server -p '{"spec": {"replicas": 1}}' 2>&1)
if [[ $out == *"'modelgate-admitted'"* || $(as admin get deployment zero -o jsonpath="$state") == *'|'?* ]]; then
  ok "but its ReplicaSet does not start before it is adopted"
else bad "but its ReplicaSet does not start before it is adopted" "$out"; fi
for name in run still zero; do
  works "the operator adopts $name" operator patch deployment "$name" --type=merge -p '{"metadata": {"annotations": {"modelgate.dev/admitted": "adopted"}}}'
  works "and its ReplicaSet" operator annotate --overwrite replicaset "$(replicaset_of "$name")" modelgate.dev/admitted=adopted
done
works "then the paused one is resumed" eve rollout resume deployment/still
shows "and runs" '|adopted' eve get deployment still -o jsonpath="$state"
becomes "the one without pods starts" 1 admin get replicasets -l app=zero -o jsonpath='{.items[*].spec.replicas}'
shows "a changed template is held" "$held" eve set image deployment/run c=model:2 -o jsonpath="$state"

# what cannot be held, from before
image='[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "model:2"}]'
for thing in statefulset/awake daemonset/old replicationcontroller/asleep; do
  refused "another template of $thing" unholdable eve patch "$thing" --type=json -p "$image"
done
refused "another template of a CronJob" unholdable eve patch cronjob asleep --type=json -p '[{"op": "replace", "path": "/spec/jobTemplate/spec/template/spec/containers/0/image", "value": "model:2"}]'
refused "another template of a suspended Job" unholdable eve patch job asleep --type=merge -p '{"spec": {"template": {"metadata": {"annotations": {"x": "y"}}}}}'
refused "a StatefulSet that slept is not woken" sleepers eve patch statefulset asleep -p '{"spec": {"replicas": 1}}'
refused "nor by its scale" sleepers eve scale statefulset asleep --replicas=1
refused "nor by an autoscaler" sleepers @horizontal-pod-autoscaler scale statefulset asleep --replicas=1
refused "nor a ReplicationController" sleepers eve scale replicationcontroller asleep --replicas=1
refused "nor a suspended Job" sleepers eve patch job asleep -p '{"spec": {"suspend": false}}'
refused "nor an idle Job" sleepers eve patch job idle -p '{"spec": {"parallelism": 1}}'
refused "nor a CronJob" sleepers eve patch cronjob asleep -p '{"spec": {"suspend": false}}'
works "an exempt StatefulSet is woken" eve scale statefulset exempt --replicas=1
works "and changed" eve patch statefulset exempt --type=json -p "$image"
works "one that ran is scaled" eve scale statefulset awake --replicas=2
works "and labelled" eve label statefulset awake team=x
works "a CronJob gets another schedule" eve patch cronjob asleep -p '{"spec": {"schedule": "0 1 * * *"}}'
works "a DaemonSet is deleted" eve delete daemonset old --wait=false

# the end
works "a Deployment is deleted" eve delete deployment still --wait=false
becomes "with its ReplicaSets and pods" "" admin get replicasets,pods -l app=still -o name
works "foreground, too" eve delete deployment zero --cascade=foreground --wait=false
becomes "and it goes" "" admin get deployments,replicasets,pods -l app=zero -o name
shows "made again, it is held" "$held" eve create -f - -o jsonpath="$state" <<<"$(deployment still)"
works "a governed namespace is deleted by who governs" admin delete namespace "$ns" --wait=false
becomes "and goes with all that is in it" "" admin get namespace "$ns" --ignore-not-found -o name
ns=$tag
