# With a mutating policy gone, its validating partner refuses: nothing is let through unstamped or unheld.

without_binding=yes # so that the end puts back what an interruption here leaves
as admin delete mutatingadmissionpolicybinding modelgate-hold modelgate-changed-by modelgate-identity --ignore-not-found >/dev/null 2>&1
becomes_refused "without hold, a Deployment is refused" held "$(deployment c7)" eve create --dry-run=server -f -
becomes_refused "without changed-by, a release is refused" writers "$(release c7 "$digest_a" '"changedBy": ["mia"],')" eve create --dry-run=server -f -
becomes_refused "and so is one more writer" writers '' ann patch modelrelease mortgage --dry-run=server --type=merge -p '{"spec": {"changedBy": ["mia"], "owner": {"team": "y"}}}'
becomes_refused "without identity, an approval is refused" approval "$(approval c7 mortgage '"approver": {"username": "mia"},')" ann create --dry-run=server -f -
becomes_refused "and so is an action" approval "$(action c7 Freeze)" ann create --dry-run=server -f -
