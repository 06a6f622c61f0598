# The namespaces, people and parameters of the cases; in the end all of it is taken away again.

install() {
  as admin apply --server-side --force-conflicts -f "$crds" >/dev/null || return
  as admin wait --for=condition=Established --timeout=20s -f "$crds" >/dev/null || return
  as admin apply --server-side --force-conflicts -f "$roles" >/dev/null || return
  as admin get gateconfig modelgate >/dev/null 2>&1 ||
    until_true "making GateConfig" as admin create -f - <<<'{"apiVersion": "modelgate.dev/v1alpha1", "kind": "GateConfig", "metadata": {"name": "modelgate"}, "spec": {}}'
  as admin apply --server-side --force-conflicts -f "$policies" >/dev/null
}

people() {
  as admin create -f - >/dev/null <<<"{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"$tag\"}}" || return
  as admin apply -f - >/dev/null <<EOF
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: $tag-more}
rules: # more than edit, so that it is the policies that refuse
- {apiGroups: [""], resources: [pods/status, pods/resize, pods/ephemeralcontainers, pods/binding, bindings], verbs: [create, update, patch, get]}
- {apiGroups: [apps], resources: [deployments/status, replicasets/status, controllerrevisions], verbs: [create, update, patch, get, delete]}
- {apiGroups: [modelgate.dev], resources: ["*"], verbs: [create, update, patch, get, list, delete, deletecollection]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: $tag-cluster}
rules: # all about namespaces and policies but the verb govern
- {apiGroups: [""], resources: [namespaces, namespaces/status, namespaces/finalize], verbs: [create, update, patch, get, delete]}
- {apiGroups: [modelgate.dev], resources: [governancepolicies, gateconfigs, gateconfigs/status], verbs: [create, update, patch, get, delete]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: $tag-approver}
rules:
- {apiGroups: [modelgate.dev], resources: [modelreleases], resourceNames: [mortgage], verbs: [approve]}
- {apiGroups: [modelgate.dev], resources: [modelreleases], verbs: [freeze, unguard, create, get, update, patch]}
- {apiGroups: [modelgate.dev], resources: [releaseapprovals, releaseactions], verbs: [create, get, update, patch, delete]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: $tag-cluster}
subjects: [{kind: User, name: nadia, apiGroup: rbac.authorization.k8s.io}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: $tag-cluster}
EOF
}

# namespace NAME [LABELS]: eve edits it, ann approves in it
namespace() {
  as admin create -f - >/dev/null <<EOF
{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "$1", "labels": {${2:-}}}}
EOF
  as admin create rolebinding eve --clusterrole=edit --user=eve -n "$1" >/dev/null
  as admin create rolebinding more --clusterrole="$tag-more" --user=eve -n "$1" >/dev/null
  as admin create rolebinding ann --clusterrole="$tag-approver" --user=ann --serviceaccount="$1:default" -n "$1" >/dev/null
}

# The policies of a kind come into force in the order they were written. When the last one works, all do.
canaries() {
  as admin apply -f - >/dev/null <<EOF
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: $tag-canary}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]}
  validations: [{expression: "!has(object.data) || !('canary' in object.data) || object.data.canary != 'mutated'"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: $tag-canary}
spec: {policyName: $tag-canary, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $ns}}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: $tag-canary}
spec:
  reinvocationPolicy: Never
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]}
  mutations: [{patchType: JSONPatch, jsonPatch: {expression: "has(object.data) && 'canary' in object.data ? [JSONPatch{op: 'add', path: '/data/canary', value: 'mutated'}] : []"}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: $tag-canary}
spec: {policyName: $tag-canary, matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $ns}}}}
EOF
  until_true "the policies come into force" canary_refuses
}
canary_refuses() { ! as admin create configmap canary --from-literal=canary=alive --dry-run=server; }

clean_up() {
  local code=$?
  trap - EXIT
  [[ -z ${without_binding-} ]] || as admin apply --server-side --force-conflicts -f "$policies" >/dev/null
  [[ -z ${saved_spec-} ]] || as admin patch gateconfig modelgate --type=json -p "[{\"op\": \"replace\", \"path\": \"/spec\", \"value\": $saved_spec}]" >/dev/null
  [[ -z ${guard_written-} ]] || as operator patch gateconfig modelgate --subresource=status --type=merge -p "{\"status\": {\"guarded\": $saved_guard}}" >/dev/null
  as admin delete --ignore-not-found --wait=false \
    "validatingadmissionpolicybinding/$tag-canary" "mutatingadmissionpolicybinding/$tag-canary" "mutatingadmissionpolicybinding/$tag-hostile" \
    "validatingadmissionpolicy/$tag-canary" "mutatingadmissionpolicy/$tag-canary" "mutatingadmissionpolicy/$tag-hostile" \
    "clusterrolebinding/$tag-cluster" "clusterrolebinding/$tag-admin" "clusterrole/$tag-more" "clusterrole/$tag-cluster" "clusterrole/$tag-approver" \
    "governancepolicy/$tag" "node/$tag" "namespace/$tag" "namespace/$late" "namespace/$tag-free" >/dev/null 2>&1
  rm -rf "$work"
  exit "$code"
}
