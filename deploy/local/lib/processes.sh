# The cluster's programs: started once, found by name, asked whether they are well.

# start NAME PROGRAM ARGUMENT…: a daemon inside, its words in log/NAME.log.
# Descriptor 9 is the cluster's lock, which must not live on in a daemon.
start() {
  local name=$1; shift
  say "Starting $name"
  # shellcheck disable=SC2016 # the variables are those of the inner shell
  inside bash -c 'setsid "$@" </dev/null >>"$0" 2>&1 9>&- &' "$state/log/$name.log" "$@"
}

# stop NAME…: ends programs at once; all of them bear being killed. A process that is ending
# loses its name before it gives back its ports: it is gone when its number is.
stop() {
  local name numbers=()
  find_processes
  for name; do ! running "$name" || numbers+=("${pid_of[$name]}"); done
  ((${#numbers[@]})) || return 0
  kill -KILL "${numbers[@]}" 2>/dev/null || true # those that end by themselves meanwhile
  wait_for 10 gone "${numbers[@]}" || fail "could not stop $*"
}

gone() {
  local number
  for number; do [[ ! -d /proc/$number ]] || return 1; done
}

# need NAME SECONDS START-COMMAND WELL-COMMAND: starts what does not run. What runs
# but does not answer in time is started anew, once.
need() {
  local name=$1 seconds=$2 start=$3 well=$4
  find_processes
  if running "$name"; then
    wait_for 5 "$well" && return
    say "$name does not answer"
    stop "$name"
  fi
  "$start"
  wait_for "$seconds" well_or_started_again "$name" "$start" "$well" && return
  tail -n 5 "$state/log/$name.log" >&2 || true
  fail "$name did not come up in $seconds s; its log is $state/log/$name.log"
}

# A program may end because what it needs is late: a port, or the program before it.
well_or_started_again() {
  "$3" && return
  if over "$1"; then
    say "$1 has ended: $(tail -n 1 "$state/log/$1.log")"
    "$2"
  fi
  return 1
}

# over NAME: it does not run, nor a second later, when one that was just started has its name
over() {
  find_processes
  ! running "$1" || return 1
  sleep 1
  find_processes
  ! running "$1"
}

# get URL-OR-PATH: asks the API server, or a component at its own address
get() { kubectl get --raw "$1" >/dev/null 2>&1; }

kubectl() { timeout 5 "$bin/kubectl" --kubeconfig "$pki/modelgate-local.kubeconfig" "$@" 9>&-; }

# healthy URL [PATH]: a component's own health page
healthy() {
  inside timeout 5 "$bin/kubectl" --kubeconfig "$pki/modelgate-local.kubeconfig" --server "$1" get --raw "${2:-/healthz}" 9>&- >/dev/null 2>&1
}
