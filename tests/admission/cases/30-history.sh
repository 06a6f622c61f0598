# ReplicaSets and ControllerRevisions: written by the cluster's own controllers only.

rs=$(replicaset_of app)
template='{"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "model:9"}]}}}}'
forged() { as admin get replicaset "$rs" -o json | sed -e 's/"name": "'"$rs"'"/"name": "forged"/' -e 's/"image": "[^"]*"/"image": "model:9"/' -e '/"resourceVersion"/d' -e '/"uid": .*",$/b' ; }

refused "edit the template of an admitted ReplicaSet" history eve patch replicaset "$rs" -p "$template"
refused "and nobody else edits it" history @deployment-controller patch replicaset "$rs" -p "$template"
refused "not even the operator" history operator patch replicaset "$rs" -p "$template"
refused "create a ReplicaSet with forged owner, labels and mark" history eve create -f - <<<"$(forged)"
refused "scale a ReplicaSet by its spec" history eve patch replicaset "$rs" -p '{"spec": {"replicas": 5}}'
refused "scale a ReplicaSet by its subresource" history-scale eve scale replicaset "$rs" --replicas=5
refused "not as an administrator either" history-scale admin scale replicaset "$rs" --replicas=5
refused "mark a ReplicaSet" history eve annotate --overwrite replicaset "$rs" modelgate.dev/admitted=r9
refused "relabel a ReplicaSet" history eve label replicaset "$rs" app=x --overwrite
refused "orphan a ReplicaSet" history eve patch replicaset "$rs" --type=merge -p '{"metadata": {"ownerReferences": null}}'
refused "delete a ReplicaSet, so that an older one comes up" history eve delete replicaset "$rs"
refused "delete all ReplicaSets" history eve delete replicasets --all
refused "mark a ReplicaSet through its status" history eve patch replicaset "$rs" --subresource=status --type=merge -p '{"metadata": {"annotations": {"modelgate.dev/admitted": "r9"}}}'
refused "orphan a ReplicaSet through its status" history eve patch replicaset "$rs" --subresource=status --type=merge -p '{"metadata": {"ownerReferences": null}}'
works "a status that says something" @replicaset-controller patch replicaset "$rs" --subresource=status --type=merge -p '{"status": {"observedGeneration": 1}}'
refused "create a ControllerRevision" history eve create -f - <<<'{"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "forged"}, "revision": 1, "data": {"a": 1}}'
works "its controller creates one" @statefulset-controller create -f - <<<'{"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "true"}, "revision": 1, "data": {"a": 1}}'
refused "delete a ControllerRevision" history eve delete controllerrevision true

# the second wall
made() { # made NAME REPLICAS ANNOTATIONS [OWNER]
  echo "{\"apiVersion\": \"apps/v1\", \"kind\": \"ReplicaSet\", \"metadata\": {\"name\": \"$1\", \"annotations\": $3}, \"spec\": {\"replicas\": $2, \"selector\": {\"matchLabels\": {\"app\": \"wall\"}}, \"template\": {\"metadata\": {\"labels\": {\"app\": \"wall\"}}, \"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"model:1\"}]}}}}"
}
refused "a ReplicaSet without the mark does not start, made by the Deployment controller" admitted @deployment-controller create -f - <<<"$(made wall 1 '{}')"
refused "nor made by the operator" admitted operator create -f - <<<"$(made wall 1 '{}')"
works "without replicas it may be made" @deployment-controller create -f - <<<"$(made wall 0 '{}')"
refused "but not scaled from zero" admitted @deployment-controller patch replicaset wall -p '{"spec": {"replicas": 1}}'
works "the operator marks it" operator annotate replicaset wall modelgate.dev/admitted=r1
works "then it is scaled from zero" @deployment-controller patch replicaset wall -p '{"spec": {"replicas": 1}}'
works "the operator takes the mark off" operator annotate replicaset wall modelgate.dev/admitted-
works "what runs is scaled on" @deployment-controller patch replicaset wall -p '{"spec": {"replicas": 2}}'
works "and down to nothing" @deployment-controller patch replicaset wall -p '{"spec": {"replicas": 0}}'
refused "and does not come up again" admitted @deployment-controller patch replicaset wall -p '{"spec": {"replicas": 1}}'
works "the operator makes one with the mark, for a restore" operator create --dry-run=server -f - <<<"$(made rebuilt 1 '{"modelgate.dev/admitted": "r1"}')"
works "the operator deletes one, orphaning its pods" operator delete replicaset wall --cascade=orphan --wait=false
becomes "and the garbage collector finishes it" "" admin get replicaset wall --ignore-not-found
