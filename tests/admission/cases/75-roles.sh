# The roles that are shipped give what they say, and no more.

can() { # can NAME yes|no WHO VERB RESOURCE…
  local answer
  answer=$(as "$3" auth can-i "${@:4}" 2>/dev/null)
  if [[ $answer == "$2" ]]; then ok "$1"; else bad "$1" "expected $2, is ${answer:-nothing}"; fi
}
role() { as admin create rolebinding "$1" --clusterrole="$2" --user="$1" >/dev/null; }
role vic view; role edda edit; role apu modelgate-approver; role rosa modelgate-responder
as admin create clusterrolebinding "$tag-admin" --clusterrole=modelgate-admin --user=gus >/dev/null
until_true "roles are aggregated" eval '[[ $(as edda auth can-i create modelreleases.modelgate.dev) == yes ]]'

if grep -q '"\*"\|\[\*\|- \*' "$roles"; then bad "no role has a wildcard" "$(grep -n '\*' "$roles")"; else ok "no role has a wildcard"; fi
can "a viewer sees releases" yes vic get modelreleases.modelgate.dev
can "and policies" yes vic list governancepolicies.modelgate.dev
can "but writes none" no vic update modelreleases.modelgate.dev
can "an editor asks for a retry" yes edda retry modelreleases.modelgate.dev
can "but does not approve" no edda approve modelreleases.modelgate.dev
can "nor gives approvals" no edda create releaseapprovals.modelgate.dev
can "nor freezes" no edda freeze modelreleases.modelgate.dev
can "nor writes status" no edda update modelreleases.modelgate.dev --subresource=status
works "an editor writes a release" edda create -f - <<<"$(release edited "$digest_a")"
works "an editor retries" edda create -f - <<<"$(action again Retry)"
works "an approver approves" apu create -f - <<<"$(approval role mortgage)"
can "but does not act" no apu create releaseactions.modelgate.dev
works "a responder rolls back" rosa create -f - <<<"$(action back Rollback)"
can "but does not approve" no rosa approve modelreleases.modelgate.dev
works "an administrator of Modelgate makes policies" gus create -f - <<<"$(governance_policy "$tag")"
works "and takes them away" gus delete governancepolicy "$tag"
can "but does not approve" no gus approve modelreleases.modelgate.dev
