# Who wrote, who approves, who acts: from the request, never from what was typed.

digest_a=sha256:$(printf 'a%.0s' {1..64}) digest_b=sha256:$(printf 'b%.0s' {1..64})
writers='{.spec.changedBy}'
shows "the writer of a release is stamped" '["eve"]' eve create -f - -o jsonpath="$writers" <<<"$(release mortgage "$digest_a" '"changedBy": ["mia"],')"
shows "a second writer is added" '["eve","ann"]' ann patch modelrelease mortgage --type=merge -p '{"spec": {"owner": {"team": "x"}}}' -o jsonpath="$writers"
shows "writers cannot be removed" '["eve","ann"]' eve patch modelrelease mortgage --type=merge -p '{"spec": {"changedBy": ["ann"]}}' -o jsonpath="$writers"
shows "nor added" '["eve","ann"]' eve patch modelrelease mortgage --type=merge -p '{"spec": {"changedBy": ["eve", "ann", "mia"]}}' -o jsonpath="$writers"
shows "a label makes nobody a writer" '["eve","ann"]' admin label modelrelease mortgage team=x -o jsonpath="$writers"
shows "replace with the same manifest keeps them" '["eve","ann"]' eve replace -f - -o jsonpath="$writers" <<<"$(release mortgage "$digest_a" '' ', "owner": {"team": "x"}')"
shows "server-side apply, too" '["eve","ann"]' eve apply --server-side --force-conflicts -f - -o jsonpath="$writers" <<<"$(release mortgage "$digest_a" '' ', "owner": {"team": "x"}')"
shows "another model starts anew" '["ann"]' ann patch modelrelease mortgage --type=merge -p "{\"spec\": {\"model\": {\"digest\": \"$digest_b\"}}}" -o jsonpath="$writers"

# approvals
shows "an approver is stamped with uid and groups" 'ann 42 ml-risk' ann --as-uid=42 --as-group=ml-risk create -f - -o jsonpath='{.spec.approver.username} {.spec.approver.uid} {.spec.approver.groups[0]}' <<<"$(approval yes mortgage '"approver": {"username": "mia", "uid": "1", "groups": ["x"]},')"
refused "no approval without the verb" approval eve create -f - <<<"$(approval no mortgage)"
refused "none of a release the verb was not given for" approval ann create -f - <<<"$(approval no another)"
refused "no service account approves" approval "system:serviceaccount:$ns:default" create -f - <<<"$(approval no mortgage)"
fails "no change of what was said" "never changes" ann patch releaseapproval yes --type=merge -p '{"spec": {"reason": "other"}}'
refused "no change of its labels" approval ann label releaseapproval yes x=y
refused "no change of its owners" approval ann patch releaseapproval yes --type=merge -p '{"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "x"}]}}'
shows "the approver cannot be changed" ann eve patch releaseapproval yes --type=merge -p '{"spec": {"approver": {"username": "eve"}}}' -o jsonpath='{.spec.approver.username}'
works "an annotation on it" eve annotate releaseapproval yes note=x
works "replace with the same manifest" ann replace -f - <<<"$(approval yes mortgage)"
refused "nobody else takes it back" approval eve delete releaseapproval yes
refused "nor with all of them" approval eve delete releaseapprovals --all
works "who gave it does" ann delete releaseapproval yes --dry-run=server
works "who governs does" admin delete releaseapproval yes --dry-run=server
works "the operator does" operator delete releaseapproval yes --dry-run=server
works "the garbage collector does" @generic-garbage-collector delete releaseapproval yes

# actions
shows "who asks for an action is stamped" ann ann create -f - -o jsonpath='{.spec.requester.username}' <<<"$(action go Freeze)"
works "each action has its verb: Unguard" ann create -f - <<<"$(action open Unguard)"
refused "Rollback without its verb" approval ann create -f - <<<"$(action no Rollback)"
refused "Retry without its verb" approval ann create -f - <<<"$(action no Retry)"
refused "Freeze without it" approval eve create -f - <<<"$(action no Freeze)"
refused "Freeze by a service account" approval "system:serviceaccount:$ns:default" create -f - <<<"$(action no Freeze)"
fails "no change of an action" "never changes" ann patch releaseaction go --type=merge -p '{"spec": {"reason": "other"}}'
refused "nor of its labels" approval ann label releaseaction go x=y
refused "nobody else takes it back" approval eve delete releaseaction go
works "who asked does" ann delete releaseaction go
