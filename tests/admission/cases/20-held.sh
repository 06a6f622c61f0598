# What the final object must be, and what a restore needs.

# Another mutating policy: unpauses what is named hostile, swaps the image of "swapped", labels a canary.
as eve create -f - >/dev/null 2>&1 <<<"$(deployment swapped)"
as admin apply -f - >/dev/null <<EOF
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: $tag-hostile}
spec:
  reinvocationPolicy: IfNeeded
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]}
  matchConditions: [{name: named, expression: "object.metadata.name in ['hostile', 'swapped', 'canary']"}]
  mutations:
  - {patchType: JSONPatch, jsonPatch: {expression: "object.metadata.name == 'canary' ? [JSONPatch{op: 'add', path: '/metadata/labels', value: {'hostile': 'yes'}}] : []"}}
  - {patchType: JSONPatch, jsonPatch: {expression: "object.metadata.name == 'hostile' ? [JSONPatch{op: 'add', path: '/spec/paused', value: false}] : []"}}
  - {patchType: JSONPatch, jsonPatch: {expression: "object.metadata.name == 'swapped' ? [JSONPatch{op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'model:9'}] : []"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: $tag-hostile}
spec: {policyName: $tag-hostile, matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $ns}}}}
EOF
hostile() { [[ $(as eve create --dry-run=server -f - -o jsonpath='{.metadata.labels.hostile}' <<<"$(deployment canary)") == yes ]]; }
until_true "the hostile policy comes into force" hostile
# The order of mutating policies is not fixed: either hold has the last word, or held refuses.
if out=$(as eve create --dry-run=server -f - -o jsonpath="$state" 2>&1 <<<"$(deployment hostile)"); [[ $out == *"$held"* || $out == *"'modelgate-held'"* ]]; then
  ok "another policy that unpauses does not let it run"
else bad "another policy that unpauses does not let it run" "$out"; fi
refused "an image swapped inside the operator's admission" held operator patch deployment swapped --type=json -p '[{"op": "add", "path": "/spec/paused", "value": false}, {"op": "add", "path": "/metadata/annotations/modelgate.dev~1admitted", "value": "r1"}]'
as admin delete mutatingadmissionpolicybinding "$tag-hostile" >/dev/null 2>&1

refused "revisionHistoryLimit 0 on create" held eve create --dry-run=server -f - <<<"$(deployment short model:1 '' '"revisionHistoryLimit": 0,')"
refused "revisionHistoryLimit 1 on update" held eve patch deployment app -p '{"spec": {"revisionHistoryLimit": 1}}'
works "revisionHistoryLimit 2" eve patch deployment app -p '{"spec": {"revisionHistoryLimit": 2}}'
refused "the finalizer orphan" held eve patch deployment app --type=json -p '[{"op": "add", "path": "/metadata/finalizers", "value": ["orphan"]}]'
works "another finalizer" eve patch deployment app --type=merge -p '{"metadata": {"finalizers": ["example.org/x"]}}'
works "and away with it" eve patch deployment app --type=merge -p '{"metadata": {"finalizers": null}}'

# deleting
refused "delete --cascade=orphan" no-orphans eve delete deployment app --cascade=orphan
refused "delete with orphanDependents" no-orphans eve delete --raw "/apis/apps/v1/namespaces/$ns/deployments/app" -f - <<<'{"kind": "DeleteOptions", "apiVersion": "v1", "orphanDependents": true}'
refused "delete of all with --cascade=orphan" no-orphans eve delete --raw "/apis/apps/v1/namespaces/$ns/deployments" -f - <<<'{"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Orphan"}'

# through status
refused "the mark through status" mark-status eve patch deployment other --subresource=status --type=merge -p '{"metadata": {"annotations": {"modelgate.dev/admitted": "r1"}}}'
refused "the mark taken away through status" mark-status eve patch deployment app --subresource=status --type=merge -p '{"metadata": {"annotations": {"modelgate.dev/admitted": null}}}'
refused "the finalizer orphan through status" mark-status eve patch deployment app --subresource=status --type=merge -p '{"metadata": {"finalizers": ["orphan"]}}'
works "a status that says something" eve patch deployment app --subresource=status --type=merge -p '{"status": {"observedGeneration": 1}}'
