# Labels of namespaces, status, records, policies and parameters.

namespace_json() { as admin get namespace "$ns" -o json | sed "$1"; }
refused "enforcement is not taken off a namespace" protected-namespace nadia label namespace "$ns" modelgate.dev/enforcement-
refused "nor softened" protected-namespace nadia label namespace "$ns" modelgate.dev/enforcement=audit --overwrite
refused "nor is another label of Modelgate set" protected-namespace nadia label namespace "$ns" modelgate.dev/environment=dev
refused "nor through its status" protected-namespace nadia patch namespace "$ns" --subresource=status --type=merge -p '{"metadata": {"labels": {"modelgate.dev/enforcement": null}}}'
refused "nor through finalize" protected-namespace nadia replace --raw "/api/v1/namespaces/$ns/finalize" -f - <<<"$(namespace_json 's/"modelgate.dev\/enforcement": "enforce"/"x": "y"/')"
refused "nor by replace" protected-namespace nadia replace -f - <<<"$(namespace_json 's/"modelgate.dev\/enforcement": "enforce"/"x": "y"/')"
refused "nor by deleting it" protected-namespace nadia delete namespace "$ns" --wait=false
refused "no namespace is made with such labels" protected-namespace nadia create -f - <<<"{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"$tag-free\", \"labels\": {\"modelgate.dev/environment\": \"dev\"}}}"
refused "enforcement has two values" protected-namespace admin label namespace "$ns" modelgate.dev/enforcement=observe --overwrite
refused "the cluster's own namespace is not enforced: nothing in it could be updated" protected-namespace admin label namespace kube-system modelgate.dev/enforcement=enforce --dry-run=server
works "it may be audited" admin label namespace kube-system modelgate.dev/enforcement=audit --dry-run=server
refused "nor is Modelgate's own" protected-namespace admin create --dry-run=server -f - <<<'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "modelgate-system", "labels": {"modelgate.dev/enforcement": "enforce"}}}'
works "other labels of a governed namespace" nadia label namespace "$ns" team=x
works "a namespace without them" nadia create namespace "$tag-free"
works "its labels" nadia label namespace "$tag-free" team=x
works "who governs labels it" admin label namespace "$tag-free" modelgate.dev/enforcement=audit
shows "an audited namespace is not held" '|' admin create -n "$tag-free" --dry-run=server -f - -o jsonpath="$state" <<<"$(deployment free)"
works "who governs takes the label off" admin label namespace "$tag-free" modelgate.dev/enforcement-
works "then it can be deleted" nadia delete namespace "$tag-free" --wait=false

word='{"status": {"observedGeneration": 1}}'
refused "the status of a release" protected-status eve patch modelrelease mortgage --subresource=status --type=merge -p "$word"
refused "not as an administrator" protected-status admin patch modelrelease mortgage --subresource=status --type=merge -p "$word"
works "the operator writes it" operator patch modelrelease mortgage --subresource=status --type=merge -p "$word"
refused "the guard list" protected-status nadia patch gateconfig modelgate --subresource=status --type=merge -p '{"status": {"guarded": null}}'

refused "a run is not made by hand" protected-records eve create -f - <<<"$(gate_run forged)"
refused "nor an admitted revision" protected-records admin create -f - <<<"$(admitted_revision forged)"
works "the operator makes a run" operator create -f - <<<"$(gate_run true)"
works "and an admitted revision" operator create -f - <<<"$(admitted_revision true)"
refused "a run is not changed" protected-records eve label gaterun true x=y
refused "nor its status" protected-status eve patch gaterun true --subresource=status --type=merge -p "$word"
refused "a run is not deleted" protected-records eve delete gaterun true
refused "nor all of them" protected-records eve delete gateruns --all
refused "nor an admitted revision" protected-records admin delete admittedrevision true
works "the garbage collector clears owners" @generic-garbage-collector patch gaterun true --type=merge -p '{"metadata": {"ownerReferences": []}}'
refused "but writes nothing else" protected-records @generic-garbage-collector label gaterun true x=y
works "and deletes" @generic-garbage-collector delete gaterun true
works "the namespace controller deletes" @namespace-controller delete admittedrevision true

refused "a policy is not made without govern" protected-config nadia create -f - <<<"$(governance_policy "$tag")"
works "with it, it is" admin create -f - <<<"$(governance_policy "$tag")"
refused "nor changed" protected-config nadia label governancepolicy "$tag" x=y
refused "nor deleted" protected-config nadia delete governancepolicy "$tag"
works "with it, it is deleted" admin delete governancepolicy "$tag"
refused "exemptions are not edited" protected-config nadia patch gateconfig modelgate --type=merge -p "{\"spec\": {\"exemptions\": []}}"
refused "GateConfig is not deleted by anybody" protected-config admin delete gateconfig modelgate
