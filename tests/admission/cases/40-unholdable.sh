# What cannot be held is denied; system controllers make their own children, told by user name.

for kind in Pod ReplicationController StatefulSet DaemonSet Job CronJob; do
  refused "create a $kind" unholdable eve create -f - <<<"$(workload "$kind" bad)"
done
refused "a Pod with forged owner and labels" unholdable eve create -f - <<<"$(workload Pod bad | sed "s/\"labels\"/\"ownerReferences\": [{\"apiVersion\": \"apps\/v1\", \"kind\": \"ReplicaSet\", \"name\": \"$rs\", \"uid\": \"$(as admin get replicaset "$rs" -o jsonpath='{.metadata.uid}')\", \"controller\": true}], \"labels\"/")"
mirror=$(workload Pod mirror model:1 "\"nodeName\": \"$node\", " | sed "s/\"labels\"/\"annotations\": {\"kubernetes.io\/config.mirror\": \"x\"}, \"ownerReferences\": [{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"name\": \"$node\", \"uid\": \"$(as admin get node "$node" -o jsonpath='{.metadata.uid}')\", \"controller\": true}], \"labels\"/")
refused "a Pod that calls itself a mirror pod" unholdable eve create -f - <<<"$mirror"
refused "a Pod by generateName of an exempt one" unholdable eve create -f - <<<"$(workload Pod exempt | sed 's/"name": "exempt"/"generateName": "exempt"/')"
fails "a Job named like an evaluation" "denied request" eve create -f - <<<"$(workload Job modelgate-run-forged)"
refused "a Job of the operator with another name" unholdable operator create -f - <<<"$(workload Job another)"
refused "a Pod of the operator" unholdable operator create -f - <<<"$(workload Pod another)"
refused "a Pod of an administrator" unholdable admin create -f - <<<"$(workload Pod bad)"
refused "a StatefulSet by server-side apply" unholdable eve apply --server-side -f - <<<"$(workload StatefulSet bad)"
works "an exempt Pod" eve create --dry-run=server -f - <<<"$(workload Pod exempt)"
works "a mirror pod of a node" node create --dry-run=server -f - <<<"$mirror"
works "a Job of a CronJob" @cronjob-controller create --dry-run=server -f - <<<"$(workload Job by-cron)"
for who in replicaset statefulset daemon-set job replication; do
  works "a Pod by the $who controller" "@$who-controller" create --dry-run=server -f - <<<"$(workload Pod child)"
done
works "the operator's evaluation Job" operator create -f - <<<"$(workload Job modelgate-run-x)"
becomes "and its pod, made by the Job controller" 1 admin get jobs modelgate-run-x -o jsonpath='{.status.active}'

# pods that run
pod=$(pod_of app)
bind "$pod"
hash_of_pod=$(as admin get pod "$pod" -o jsonpath='{.metadata.labels.pod-template-hash}')
image='[{"op": "replace", "path": "/spec/containers/0/image", "value": "model:9"}]'
refused "change the image of a Pod" pod-in-place eve patch pod "$pod" --type=json -p "$image"
refused "change it as an administrator" pod-in-place admin patch pod "$pod" --type=json -p "$image"
refused "orphan a Pod" pod-in-place eve patch pod "$pod" --type=merge -p '{"metadata": {"ownerReferences": null}}'
refused "orphan a Pod through its status" pod-in-place eve patch pod "$pod" --subresource=status --type=merge -p '{"metadata": {"labels": {"pod-template-hash": "x"}}}'
refused "relabel the template hash of a Pod" pod-in-place eve label pod "$pod" pod-template-hash=x --overwrite
refused "a label of Modelgate on a Pod" pod-in-place eve label pod "$pod" modelgate.dev/release=x
refused "another model digest on a Pod" pod-in-place eve annotate pod "$pod" modelgate.dev/model-digest=sha256:00
works "an ordinary label on a Pod" eve label pod "$pod" team=x
works "a status written by its node" node patch pod "$pod" --subresource=status --type=merge -p '{"status": {"phase": "Pending"}}'
works "the operator takes a Pod from its owner" operator patch pod "$pod" --type=merge -p '{"metadata": {"ownerReferences": null}}' --dry-run=server
works "resize of a Pod's resources is not stopped" admin patch pod "$pod" --subresource=resize --type=merge -p '{"metadata": {"annotations": {"x": "y"}}}' --dry-run=server
shows "resize writes no label" "" eve patch pod "$pod" --subresource=resize --type=merge -p '{"metadata": {"labels": {"modelgate.dev/release": "x"}}}' -o jsonpath='{.metadata.labels.modelgate\.dev/release}'
binding() { echo "{\"apiVersion\": \"v1\", \"kind\": \"Binding\", \"metadata\": {\"name\": \"$pod\", \"labels\": $1}, \"target\": {\"apiVersion\": \"v1\", \"kind\": \"Node\", \"name\": \"none\"}}"; }
refused "labels smuggled in by binding a Pod" pod-binding eve create --raw "/api/v1/namespaces/$ns/pods/$pod/binding" -f - <<<"$(binding '{"modelgate.dev/release": "x"}')"
refused "a template hash smuggled in by a Binding" pod-binding eve create --raw "/api/v1/namespaces/$ns/bindings" -f - <<<"$(binding '{"pod-template-hash": "x"}')"
refused "an ephemeral container" debug eve debug "pod/$pod" --image=busybox:1
passes "exec into an ordinary Pod is not stopped" eve exec "$pod" -- true
works "deleting a Pod" eve delete pod "$pod" --wait=false --grace-period=0 --force
becomes "its ReplicaSet makes another" 1 admin get pods -l "app=app,pod-template-hash=$hash_of_pod" -o jsonpath='{range .items[?(@.metadata.name!="'"$pod"'")]}1{end}'
shows "and the other image is nowhere" "" admin get pods -o jsonpath='{.items[?(@.spec.containers[0].image=="model:9")].metadata.name}'

# evaluation pods
run_pod=$(as admin get pods -l job-name=modelgate-run-x -o jsonpath='{.items[0].metadata.name}')
works "the scheduler's word on it" admin patch pod "$run_pod" --subresource=status --type=merge -p '{"status": {"message": "waits"}}'
bind "$run_pod"
refused "exec into an evaluation pod" evaluator eve exec "$run_pod" -- true
refused "exec as an administrator" evaluator admin exec "$run_pod" -- true
refused "attach to an evaluation pod" evaluator eve attach "$run_pod"
refused "port-forward to an evaluation pod" evaluator eve create --raw "/api/v1/namespaces/$ns/pods/$run_pod/portforward" -f /dev/null
refused "proxy to an evaluation pod" evaluator admin get --raw "/api/v1/namespaces/$ns/pods/$run_pod/proxy/"
refused "a Job named like an evaluation, in an audited namespace" evaluator eve create -n "$late" -f - <<<"$(workload Job modelgate-run-y)"
refused "the same as an administrator" evaluator admin create -n "$late" -f - <<<"$(workload Job modelgate-run-y)"
refused "a Pod named like one of an evaluation" evaluator eve create -n "$late" -f - <<<"$(workload Pod modelgate-run-y)"
refused "a Pod that is to get such a name" evaluator eve create -n "$late" -f - <<<"$(workload Pod modelgate-run-y | sed 's/"name": "modelgate-run-y"/"generateName": "modelgate-run-y"/')"
works "the operator's Job there" operator create -n "$late" --dry-run=server -f - <<<"$(workload Job modelgate-run-y)"
as @job-controller create -n "$late" -f - >/dev/null <<<"$(workload Pod modelgate-run-y)"
refused "an ephemeral container in one of an audited namespace" evaluator admin debug -n "$late" pod/modelgate-run-y --image=busybox:1
refused "exec into it" evaluator eve exec -n "$late" modelgate-run-y -- true
for there in "$ns $run_pod" "$late modelgate-run-y"; do
  read -r space asked <<<"$there"
  refused "another order for the evaluation pod in $space" evaluator eve -n "$space" annotate --overwrite pod "$asked" 'modelgate.dev/order={}'
  refused "the same as an administrator" evaluator admin -n "$space" annotate --overwrite pod "$asked" 'modelgate.dev/order={}'
  fails "another image for it" "not change" eve -n "$space" patch pod "$asked" --type=json -p '[{"op": "replace", "path": "/spec/containers/0/image", "value": "liar:1"}]'
  works "an annotation of one's own on it" eve -n "$space" annotate --overwrite pod "$asked" note=x
done
two_programs='{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "modelgate-run-z"}, "spec": {"initContainers": [{"name": "i", "image": "stage:1"}], "containers": [{"name": "c", "image": "check:1"}]}}'
as @job-controller create -n "$late" -f - >/dev/null <<<"$two_programs"
fails "another image for the program that brings evidence" "not change" eve -n "$late" patch pod modelgate-run-z --type=json -p '[{"op": "replace", "path": "/spec/initContainers/0/image", "value": "liar:1"}]'
result='{"status": {"containerStatuses": [{"name": "c", "image": "x", "imageID": "", "ready": false, "restartCount": 0, "state": {"terminated": {"exitCode": 0, "message": "{}"}}}]}}'
refused "a forged result of an evaluation pod" evaluator eve patch pod "$run_pod" --subresource=status --type=merge -p "$result"
works "the result written by its node" node patch pod "$run_pod" --subresource=status --type=merge -p "$result"
