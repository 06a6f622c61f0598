# The operator's restore, step by step, through all policies; and what it leaves is not undone.

works "a first revision" eve create -f - <<<"$(deployment model)"
works "is admitted" admin get -f <(admit model r1 -o json)
until_true "its pods come" has_pod model
good=$(replicaset_of model)
works "a second one" eve set image deployment/model c=model:2
works "is admitted, too" admin get -f <(admit model r2 -o json)
bad_one() { [[ $(replicaset_of model) != "$good" && -n $(as admin get pods -l "app=model" -o jsonpath='{.items[?(@.spec.containers[0].image=="model:2")].metadata.name}') ]]; }
until_true "the second ReplicaSet starts" bad_one
bad=$(replicaset_of model)
becomes "and the first steps down when its pods would serve" 1 admin get replicaset "$bad" -o jsonpath='{.spec.replicas}'

works "hold: pause and drop the mark in one write" operator patch deployment model --type=merge -p '{"metadata": {"annotations": {"modelgate.dev/admitted": null}}, "spec": {"paused": true}}'
shows "a resume now stays held" "$held" eve patch deployment model -p '{"spec": {"paused": false}}' -o jsonpath="$state"
works "the bad ReplicaSet goes, its pods stay" operator delete replicaset "$bad" --cascade=orphan --wait=false
becomes "the garbage collector orphans its pods" "" admin get replicaset "$bad" --ignore-not-found -o name
shows "they are there without an owner" model:2 admin get pods -l app=model -o jsonpath='{.items[?(@.spec.containers[0].image=="model:2")].spec.containers[0].image}'
works "the operator retires them" operator delete pods -l "app=model,pod-template-hash=${bad#model-}" --wait=false
becomes "the first ReplicaSet serves" 1 admin get replicaset "$good" -o jsonpath='{.spec.replicas}'
shows "the bad manifest again changes nothing" "$held" eve apply --server-side --force-conflicts -f - -o jsonpath="$state" <<<"$(deployment model model:2)"
works "scaled to nothing" eve scale deployment/model --replicas=0
becomes "the first ReplicaSet follows" 0 admin get replicaset "$good" -o jsonpath='{.spec.replicas}'
works "and back" eve scale deployment/model --replicas=2
becomes "the first ReplicaSet comes up again" 2 admin get replicaset "$good" -o jsonpath='{.spec.replicas}'
shows "and it is the only one" "$good" admin get replicasets -l app=model -o jsonpath='{.items[*].metadata.name}'
works "a ReplicaSet of the bad revision that is left would keep its mark, so it is taken off" operator annotate replicaset "$good" modelgate.dev/admitted-
works "scaled to nothing again" eve scale deployment/model --replicas=0
becomes "it follows" 0 admin get replicaset "$good" -o jsonpath='{.spec.replicas}'
works "and back again" eve scale deployment/model --replicas=1
refused "nothing starts without a mark" admitted @deployment-controller patch replicaset "$good" -p '{"spec": {"replicas": 1}}'
works "marked, it does" operator annotate replicaset "$good" modelgate.dev/admitted=r1
becomes "by the controller's next try" 1 admin get replicaset "$good" -o jsonpath='{.spec.replicas}'
