# The hold is the API server's own.

title "Step 5 of 5: the operator is down, and the hold still holds"

tell "An admin scales the operator to zero."
show "kubectl -n modelgate-system scale deployment/modelgate --replicas=0"
kubectl -n modelgate-system wait --for=delete pod -l app.kubernetes.io/name=modelgate --timeout=60s >/dev/null || give_up "the operator does not end"
note "no operator runs: $(kubectl -n modelgate-system get pods --no-headers 2>/dev/null | wc -l) pods"

tell "Somebody uses the moment: version 3 with more memory, and a resume."
show "kubectl$mia -n lending set resources deployment/mortgage-approval --limits=memory=96Mi"
show "kubectl$mia -n lending rollout resume deployment/mortgage-approval"
show "kubectl$mia -n lending get deployment mortgage-approval -o custom-columns='GENERATION:.metadata.generation,PAUSED:.spec.paused,PODS:.status.replicas,OF THIS TEMPLATE:.status.updatedReplicas'"
within 10 "the cluster has seen the change" observed
check "it is held" test "$(deployment '{.spec.paused}')" = true
check "version 2 serves, nothing else" only_pods_of "$(digest v2)"

tell "The operator comes back and carries on: its status is about the Deployment as it is now."
show "kubectl -n modelgate-system scale deployment/modelgate --replicas=2"
kubectl -n modelgate-system rollout status deployment/modelgate --timeout=60s >/dev/null || give_up "the operator does not get ready"
within 60 "the status is about the changed Deployment" about_now
show "kubectl$mia -n lending get mrel -o wide"
check "version 2 serves, nothing else" only_pods_of "$(digest v2)"

tell "Mia puts version 2 back into the manifests. It was evaluated and approved: it is admitted at once, and its pods serve on."
show "kubectl$mia apply -f $work/v2"
within 60 "version 2 is what is asked for, admitted and serving" released
show "kubectl$mia -n lending get mrel"
check "the same pods as before" test "$(all_pods | sort)" = "$before"
check "no application went unanswered" test "$(traffic failed)" = 0
