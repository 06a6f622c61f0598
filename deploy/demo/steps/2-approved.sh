# v2 is mitigated: passes, and waits for a person who is not its author.

title "Step 2 of 5: version 2 passes, a person approves, pods start"

# approve USER: fills in the approval for the release's run
approval_for() { sed "s/@RUN@/$(release '{.status.run}')/" "$here/approval.yaml" >"$work/approval.yaml"; }

# counted USER: True or False, once the operator has looked
counted() {
  kubectl -n lending get relappr -o "jsonpath={range .items[?(@.spec.approver.username==\"$1\")]}{.metadata.creationTimestamp} {.status.conditions[?(@.type==\"Counted\")].status}{\"\n\"}{end}" |
    sort | tail -n 1 | cut -d' ' -f2
}
counted_is() { [[ $(counted "$1") == "$2" ]]; }
released() { says Ready Released && [[ $(release '{.status.admittedRevision}') == "$(release '{.status.revision}')" ]]; }

tell "Mia has reweighed the training rows. She applies version 2, over version 1."
show "kubectl$mia apply -f $work/v2"
within 60 "all gates pass" says Approved AwaitingApproval

tell "Every gate passes. The risk is High, so the policy asks for one approval by group ml-risk."
show "kubectl$mia -n lending get mrel"
check "High risk, no approval yet" has "$shown" High 0/1 AwaitingApproval
check "still no pod" no_pods

approval_for
tell "An approval is an object. It names the run; who gives it is what the API server knows, not what is typed."
show "cat $work/approval.yaml"

tell "Mia approves her own work."
show "kubectl$mia create -f $work/approval.yaml"
within 20 "the operator has looked at it" counted_is mia@bank.example False
show "kubectl$mia -n lending get relappr"
check "it is kept, does not count, and says why" has "$shown" mia@bank.example False "wrote this version"
check "still no pod" no_pods

tell "Omar, of the risk committee, approves: the same file, another person."
show "kubectl$omar create -f $work/approval.yaml"
within 20 "the revision is admitted" says Admitted Admitted
show "kubectl$omar -n lending get relappr"
check "Omar's approval counts" counted_is omar@bank.example True

tell "The rollout starts; pods serve."
show "kubectl$mia -n lending rollout status deployment/mortgage-approval --timeout=60s"
show "kubectl$mia -n lending get pods -l app.kubernetes.io/name=mortgage-approval -L pod-template-hash"
check "two pods of version 2" only_pods_of "$(digest v2)"
within 20 "the release says so" released
show "kubectl$mia -n lending get mrel"

tell "Real applications are sent to it from now on, 20 a second, and Prometheus reads the answers."
quietly "kubectl apply -f $work/base/traffic-data.yaml -f $work/base/traffic.yaml"
kubectl -n lending-traffic rollout status deployment/mortgage-load --timeout=60s >/dev/null || give_up "the load does not start"
within 60 "the watch after the release has an answer" says WatchHealthy WithinLimits
show "kubectl get --raw '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query?query=mortgage_model_info'"
check "Prometheus scrapes version 2" has "$shown" '"version":"2.0.0"'
