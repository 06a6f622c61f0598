# Git still asks for v3, and something applies it again.

title "Step 4 of 5: the same manifest is applied again"

before=$(all_pods | sort)
tell "This is what Argo CD's self-heal does. There is nothing to change, so there is no fight."
show "kubectl$mia apply -f $work/v3"
check "everything is unchanged" unchanged "$shown"
check "the same pods of version 2 serve" test "$(all_pods | sort)" = "$before"
check "two pods of version 2" only_pods_of "$(digest v2)"

tell "The release says that the manifest still asks for a guarded revision, and what to do."
show "kubectl$mia -n lending get mrel mortgage-approval -o jsonpath='{.status.conditions[?(@.type==\"Ready\")].message}{\"\n\"}'"
check "it says so" has "$shown" "still asks for" Unguard
