# Programs are built once, whole or not at all, whoever asks.

test_builds() {
  GOCACHE=$(go env GOCACHE) # what is compiled already need not be compiled again
  export GOCACHE XDG_CACHE_HOME=$work/cache
  "$cluster" build --control-plane >"$work/killed" 2>"$work/killed.err" &
  local build=$!
  until grep -q "Building etcd" "$work/killed.err"; do sleep 0.01; done
  kill -KILL "$build"
  wait "$build" 2>/dev/null
  check "a killed build leaves no half program" all_programs_start
  check "two builds at once after it" two_builds
  check "all programs start" all_programs_start
  check "each was built once" built_once
  check "no half-made folder is left" no_unfinished
  unset GOCACHE XDG_CACHE_HOME
}

two_builds() {
  "$cluster" build --control-plane >"$work/first" 2>"$work/first.err" &
  "$cluster" build --control-plane >"$work/second" 2>"$work/second.err" || return 1
  wait $! || return 1
  cat "$work/first" "$work/second"
  cmp "$work/first" "$work/second" && [[ -x $(<"$work/first")/kube-apiserver ]]
}

built_once() {
  cat "$work/first.err" "$work/second.err"
  [[ $(cat "$work/first.err" "$work/second.err" | grep -c '^Built kube-apiserver') == 1 ]]
}

all_programs_start() {
  local file
  for file in "$work"/cache/modelgate/local-cluster/*/*; do
    case ${file##*/} in
      kubectl) "$file" version --client ;;
      kube-* | etcd) "$file" --version ;;
    esac || return 1
  done
}

no_unfinished() { ! ls "$work"/cache/modelgate/local-cluster/unfinished.* 2>/dev/null; }
