# v1 is unmitigated: held, evaluated, refused.

title "Step 1 of 5: version 1 is held, and a gate fails"

tell "Mia applies version 1 of her mortgage model. Every kubectl apply succeeds; the API server warns that the Deployment is held."
show "kubectl$mia apply -f $work/v1"
check "the API server said that the Deployment stays paused" has "$shown" "stays paused until its revision is admitted"

tell "No pod of it starts."
show "kubectl$mia -n lending get deployment,pods -l app.kubernetes.io/name=mortgage-approval"
check "no pod" no_pods

within 60 "the gates are evaluated in a Job and one fails" says GatesPassed GateFailed
tell "The evaluation ran as a Job in the cluster, without a service-account token."
show "kubectl$mia -n lending get jobs,gateruns"
check "a Job ran" has "$shown" job.batch/ gaterun

tell "One line about the release."
show "kubectl$mia -n lending get mrel"
check "the line says GateFailed" has "$shown" GateFailed

tell "All about it: each gate with what was measured and what was asked, and what to do."
show "kubectl$mia -n lending describe mrel mortgage-approval | sed -n '/^Status:/,\$p'"
failed=$(release '{range .status.gates.rows[?(@.gate=="four-fifths")]}{.outcome} {.value} {.threshold}{end}')
check "the fairness gate failed" has "$failed" 'Fail 0.658' '>= 0.8'
check "it names both groups and what to do" has "$(release '{.status.conditions[?(@.type=="GatesPassed")].message}')" race=yes race=no 0.658 Reweigh

tell "Who only looks at the Deployment finds the reason there too."
show "kubectl$mia -n lending events --for deployment/mortgage-approval"
check "the Deployment's events tell of the hold and the gate" has "$shown" Held GateFailed
check "still no pod" no_pods
