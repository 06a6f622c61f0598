# v3 passes every gate before release and fails in production.

title "Step 3 of 5: version 3 is admitted, fails in production, and is taken back"

rolled_back() { [[ $(release '{.status.lastRollback.completedAt}') ]] && says Ready RolledBack; }

tell "Mia adds the unemployment rate of the applicant's industry. Version 3 passes every gate; Omar approves it."
show "kubectl$mia apply -f $work/v3"
within 60 "all gates pass" says Approved AwaitingApproval
check "version 2 serves meanwhile" only_pods_of "$(digest v2)"
approval_for
show "kubectl$omar create -f $work/approval.yaml"
within 60 "version 3 is admitted and rolled out" released
show "kubectl$mia -n lending get mrel"
within 45 "two pods of version 3 serve and those of version 2 have left" only_pods_of "$(digest v3)"
within 60 "the watch is about version 3" has_watch 3.0.0

generation=$(deployment '{.metadata.generation}')
failed_before=$(traffic failed) ok_before=$(traffic ok)
tell "The applications change: industries with high unemployment, where version 3 denies most. The limit is 30 %, three times in a row."
show "kubectl -n lending-traffic exec deploy/mortgage-load -- /mortgage turn turned"
turned=$(now)
show_until 90 "version 2 is back" rolled_back \
  "kubectl$mia -n lending get mrel --watch -o custom-columns='STATUS:.status.conditions[?(@.type==\"Ready\")].reason,WATCH:.status.conditions[?(@.type==\"WatchHealthy\")].message'"
note "$(seconds_since "$turned") s from the first turned application to version 2 alone"

tell "Pods are back on version 2, by themselves."
show "kubectl$mia -n lending get pods -l app.kubernetes.io/name=mortgage-approval -L pod-template-hash"
check "two pods of version 2, none of version 3" only_pods_of "$(digest v2)"

tell "No application went unanswered."
show "kubectl -n lending-traffic exec deploy/mortgage-load -- /mortgage traffic"
check "applications were answered meanwhile" test "$(traffic ok)" -gt "$ok_before"
check "none failed: $failed_before before, $(traffic failed) after" test "$(traffic failed)" = 0 -a "$failed_before" = 0

tell "The Deployment's manifest was not touched: it still asks for version 3 and is only paused."
show "kubectl$mia -n lending get deployment mortgage-approval -o custom-columns='GENERATION:.metadata.generation,PAUSED:.spec.paused,TEMPLATE ASKS FOR:.spec.template.metadata.annotations.modelgate\.dev/model-digest'"
check "the template asks for version 3" has "$shown" "$(digest v3)" true
check "one write since it was admitted: paused" test "$(deployment '{.metadata.generation}')" = $((generation + 1))

tell "Version 3 is on record as bad: its revision is guarded, and no pod in lending may name its model."
show "kubectl$mia -n lending get admrev"
record() { kubectl -n lending get admrev -o "jsonpath={.items[?(@.spec.modelVersion==\"$1\")].status.conditions[?(@.type==\"$2\")].status}"; }
check "the revision of version 3 is guarded" test "$(record 3.0.0 Guarded)" = True
check "version 2 is the current one" test "$(record 2.0.0 Current)$(record 3.0.0 Current)" = TrueFalse
show "kubectl$petra get gateconfig modelgate -o jsonpath='{.status.guarded}{\"\n\"}'"
check "its digest is on the guard list" has "$shown" "$(digest v3)"

tell "What happened, and when."
show "kubectl$mia -n lending events --for modelrelease/mortgage-approval"
check "the events tell of breach and rollback" has "$shown" BreachDetected RolledBack
show "kubectl$mia -n lending get mrel mortgage-approval -o jsonpath='{.status.lastRollback}{\"\n\"}'"
check "the status does too" has "$shown" '"completedAt"' denial-rate
