# Manifests of Modelgate's own kinds, as JSON, complete enough for their schemas.

# head KIND NAME
head_of() { printf '"apiVersion": "modelgate.dev/v1alpha1", "kind": "%s", "metadata": {"name": "%s"}' "$1" "$2"; }
# release NAME DIGEST [FIELDS-BEFORE [FIELDS-AFTER]]
release() { echo "{$(head_of ModelRelease "$1"), \"spec\": {${3-}\"targetRef\": {\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"name\": \"$1\"}, \"model\": {\"name\": \"$1\", \"version\": \"1\", \"digest\": \"$2\"}${4-}}}"; }
# approval NAME RELEASE [FIELDS]
approval() { echo "{$(head_of ReleaseApproval "$1"), \"spec\": {${3-}\"releaseName\": \"$2\", \"subjectRef\": {\"kind\": \"GateRun\", \"name\": \"run-1\"}, \"decision\": \"Approve\", \"reason\": \"tried\"}}"; }
# action NAME ACTION
action() { echo "{$(head_of ReleaseAction "$1"), \"spec\": {\"releaseName\": \"mortgage\", \"action\": \"$2\", \"revision\": \"sha256:$(printf 'c%.0s' {1..64})\", \"reason\": \"tried\"}}"; }
hash=sha256:$(printf 'd%.0s' {1..64})
gate_run() { echo "{$(head_of GateRun "$1"), \"spec\": {\"attempt\": 1, \"compiled\": \"{}\", \"modelDigest\": \"$hash\", \"plan\": \"$hash\", \"releaseName\": \"mortgage\", \"releaseUid\": \"u\", \"revision\": \"$hash\", \"targetUid\": \"u\"}}"; }
admitted_revision() { echo "{$(head_of AdmittedRevision "$1"), \"spec\": {\"at\": \"2026-01-01T00:00:00Z\", \"how\": \"Gates\", \"revision\": \"$hash\", \"templateDigest\": \"$hash\", \"template\": {}, \"target\": {\"kind\": \"Deployment\", \"name\": \"mortgage\", \"uid\": \"u\"}}}"; }
governance_policy() { echo "{$(head_of GovernancePolicy "$1"), \"spec\": {\"match\": {\"namespaceSelector\": {\"matchLabels\": {\"none\": \"such\"}}}, \"enforcement\": \"Enforce\", \"gates\": [{\"name\": \"people\", \"approval\": {\"groups\": [\"ml-risk\"], \"required\": 1}}]}}"; }
