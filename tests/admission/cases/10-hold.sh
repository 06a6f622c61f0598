# Every way to write a Deployment: held if its template is new or changed, left alone if not.

held='true|' running='|r1'
edit() { shows "$1" "$held" eve patch deployment app "${@:2}" --dry-run=server -o jsonpath="$state"; }
kept() { shows "$1" "$running" eve patch deployment app "${@:2}" --dry-run=server -o jsonpath="$state"; }
container='"containers": [{"name": "c", "image": "model:2"}]'

# created
shows "create is held" "$held" eve create -f - -o jsonpath="$state" <<<"$(deployment app)"
shows "apply of a new one is held" "$held" eve apply -f - -o jsonpath="$state" <<<"$(deployment other)"
shows "server-side apply of a new one is held" "$held" eve apply --server-side --force-conflicts -f - -o jsonpath="$state" <<<"$(deployment third)"
shows "create with paused: false is held" "$held" eve create --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment c1 model:1 '' '"paused": false,')"
shows "create with a forged mark loses it" "$held" eve create --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment c2 model:1 '{"modelgate.dev/admitted": "r1"}')"
shows "create without replicas is held" "$held" eve create --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment c3 | sed 's/"replicas": 1/"replicas": 0/')"
shows "create by generateName is held" "$held" eve create -f - -o jsonpath="$state" <<<"$(deployment redis | sed 's/"name": "redis"/"generateName": "redis"/')"
shows "create by a cluster administrator is held" "$held" admin create --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment c4)"
shows "create is stamped with its author" eve eve get deployment app -o jsonpath='{.metadata.annotations.modelgate\.dev/changed-by}'
warns "create warns that it is held" "stays paused until its revision is admitted" eve create --dry-run=server -f - <<<"$(deployment c5)"
until_true "the controller sees it" settled app
shows "a held Deployment makes no ReplicaSet" "" admin get replicasets -o name

# resumed while held
shows "resume by patch stays held" "$held" eve patch deployment app -p '{"spec": {"paused": false}}' -o jsonpath="$state"
warns "kubectl rollout resume is told that it stays paused" "stays paused until its revision is admitted" eve rollout resume deployment/app
shows "after it it is still held" "$held" eve get deployment app -o jsonpath="$state"
works "rollout resume by a cluster administrator passes" admin rollout resume deployment/app
shows "and leaves it held, too" "$held" admin get deployment app -o jsonpath="$state"
shows "a mark set by an editor is removed" "$held" eve annotate deployment app modelgate.dev/admitted=r1 -o jsonpath="$state"
shows "mark and resume in one write stay held" "$held" eve patch deployment app -p '{"metadata": {"annotations": {"modelgate.dev/admitted": "r1"}}, "spec": {"paused": false}}' -o jsonpath="$state"
works "a held Deployment can be scaled" eve scale deployment/app --replicas=2
shows "and is held after it" "$held" eve get deployment app -o jsonpath="$state"
shows "a restart while held stays held" "$held" eve patch deployment app -p '{"spec": {"paused": false, "template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}}}}}' --dry-run=server -o jsonpath="$state"

# the operator
fails "admission of an older generation fails" "rejected our request" operator patch deployment app --type=json -p '[{"op": "test", "path": "/metadata/generation", "value": 1}, {"op": "replace", "path": "/spec/paused", "value": false}]'
refused "the operator may not unpause without the mark" held operator patch deployment app -p '{"spec": {"paused": false}}'
refused "the operator may not change a template and let it run in one write" held operator patch deployment app -p "{\"metadata\": {\"annotations\": {\"modelgate.dev/admitted\": \"r1\"}}, \"spec\": {\"paused\": false, \"template\": {\"spec\": {$container}}}}"
refused "the operator may not create one that runs" held operator create -f - <<<"$(deployment c6)"
shows "the operator admits" "$running" admin get -f <(admit app r1 -o json) -o jsonpath="$state"
becomes "an admitted Deployment starts its marked ReplicaSet" "2 r1" admin get replicasets -l app=app -o jsonpath='{.items[*].spec.replicas} {.items[*].metadata.annotations.modelgate\.dev/admitted}'
until_true "pods come" has_pod app

# changed after admission: held
edit "image by strategic merge patch" -p "{\"spec\": {\"template\": {\"spec\": {$container}}}}"
edit "image by merge patch" --type=merge -p "{\"spec\": {\"template\": {\"spec\": {$container}}}}"
edit "image by JSON patch, unpausing" --type=json -p '[{"op": "add", "path": "/spec/paused", "value": false}, {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "model:2"}]'
edit "a label of the template" -p '{"spec": {"template": {"metadata": {"labels": {"extra": "x"}}}}}'
edit "an annotation of the template" -p '{"spec": {"template": {"metadata": {"annotations": {"note": "b"}}}}}'
edit "an annotation taken from the template" -p '{"spec": {"template": {"metadata": {"annotations": {"note": null}}}}}'
edit "an environment variable" --type=json -p '[{"op": "add", "path": "/spec/template/spec/containers/0/env", "value": [{"name": "MODEL", "value": "2"}]}]'
edit "free text as restartedAt" -p '{"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "model=evil"}}}}}'
edit "a restart with another image" -p "{\"spec\": {\"template\": {\"metadata\": {\"annotations\": {\"kubectl.kubernetes.io/restartedAt\": \"2026-01-01T00:00:00Z\"}}, \"spec\": {$container}}}}"
edit "an ignored annotation with another one" -p '{"spec": {"template": {"metadata": {"annotations": {"reloader.example/stamp": "x", "note": "b"}}}}}'
edit "a change that keeps the mark" -p "{\"metadata\": {\"annotations\": {\"modelgate.dev/admitted\": \"r1\"}}, \"spec\": {\"paused\": false, \"template\": {\"spec\": {$container}}}}"
shows "kubectl set image" "$held" eve set image deployment/app c=model:2 --dry-run=server -o jsonpath="$state"
shows "server-side apply with forced conflicts and paused: false" "$held" eve apply --server-side --force-conflicts --field-manager=argocd --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment app model:2 '' '"paused": false,')"
shows "replace without resourceVersion" "$held" eve replace --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment app model:2)"
shows "replace with everything read before" "$held" eve replace --dry-run=server -f - -o jsonpath="$state" <<<"$(as eve get deployment app -o json | sed 's/"image": "model:1"/"image": "model:2"/')"
shows "a template with 65 annotations more" "$held" eve replace --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment app | sed "s/\"note\": \"a\"/\"note\": \"a\"$(printf ', "a%s": ""' {1..65})/")"

# not changed: left alone
kept "the same template again, with defaults written out" -p '{"spec": {"template": {"spec": {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "containers": [{"name": "c", "image": "model:1", "imagePullPolicy": "IfNotPresent"}]}}}}'
kept "replicas" -p '{"spec": {"replicas": 3}}'
kept "strategy" -p '{"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}}'
kept "minReadySeconds" -p '{"spec": {"minReadySeconds": 5}}'
kept "labels and annotations of the Deployment" -p '{"metadata": {"labels": {"team": "x"}, "annotations": {"note": "x"}}}'
kept "an ignored annotation" -p '{"spec": {"template": {"metadata": {"annotations": {"reloader.example/stamp": "anything"}}}}}'
kept "the mark cannot be removed" -p '{"metadata": {"annotations": {"modelgate.dev/admitted": null}}}'
kept "the mark cannot be changed" -p '{"metadata": {"annotations": {"modelgate.dev/admitted": "r2"}}}'
shows "replace with the same manifest keeps the mark" "$running" eve replace --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment app)"
shows "server-side apply of the same manifest" "$running" eve apply --server-side --force-conflicts --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment app)"
shows "changed-by cannot be forged" eve eve annotate --overwrite deployment app modelgate.dev/changed-by=mia --dry-run=server -o jsonpath='{.metadata.annotations.modelgate\.dev/changed-by}'
shows "a person's own pause" 'true|r1' eve patch deployment app -p '{"spec": {"paused": true}}' -o jsonpath="$state"
works "kubectl rollout resume after it" eve rollout resume deployment/app
shows "and it runs again" "$running" eve get deployment app -o jsonpath="$state"
kept "a restart with fractions of a second" -p '{"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00.123Z"}}}}}'
works "kubectl rollout restart" eve rollout restart deployment/app
shows "is not held" "$running" eve get deployment app -o jsonpath="$state"
becomes "and makes another marked ReplicaSet" "r1 r1" admin get replicasets -l app=app -o jsonpath='{.items[*].metadata.annotations.modelgate\.dev/admitted}'

# for real, and back
works "set image" eve set image deployment/app c=model:2
shows "holds" "$held" eve get deployment app -o jsonpath="$state"
until_true "the controller sees it" settled app
shows "and starts nothing" "" admin get replicasets -l app=app -o jsonpath='{.items[?(@.spec.template.spec.containers[0].image=="model:2")].metadata.name}'
works "admission of the second revision" admin get -f <(admit app r2 -o json)
becomes "starts it" "r2" admin get replicasets -l app=app -o jsonpath='{.items[?(@.spec.template.spec.containers[0].image=="model:2")].metadata.annotations.modelgate\.dev/admitted}'
works "kubectl rollout undo" eve rollout undo deployment/app
shows "holds" "$held" eve get deployment app -o jsonpath="$state"
works "the operator takes a mark back while pausing" operator patch deployment app --type=merge -p '{"metadata": {"annotations": {"modelgate.dev/admitted": null}}, "spec": {"paused": true}}'
works "an admission again" admin get -f <(admit app r1 -o json)
refused "the operator may not take a mark back and let it run" held operator annotate deployment app modelgate.dev/admitted-

# The old rollback annotation makes the Deployment controller itself change the template.
other=$(as admin get replicasets -l app=app -o jsonpath='{.items[?(@.spec.template.spec.containers[0].image=="model:2")].metadata.annotations.deployment\.kubernetes\.io/revision}')
works "the annotation for a rollback by the controller" eve annotate deployment app "deprecated.deployment.rollback.to=$other"
becomes "holds what the controller brings back" "$held" admin get deployment app -o jsonpath="$state"
works "an admission after it" admin get -f <(admit app r1 -o json)

# exempt
shows "an exempt Deployment runs" '|' eve create -f - -o jsonpath="$state" <<<"$(deployment redis)"
becomes "and its ReplicaSet starts without a mark" 1 admin get replicasets -l app=redis -o jsonpath='{.items[*].spec.replicas}'
shows "a changed template of it runs, too" '|' eve set image deployment/redis c=redis:2 -o jsonpath="$state"
