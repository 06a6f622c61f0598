# "up" on a cluster that is well changes nothing; on one that is not, it mends it.

test_repairs() {
  local before part
  "$cluster" up --control-plane --name test-one >/dev/null 2>&1
  check "a control plane is well" well test-one
  check "it runs no node" [ "$(all_programs test-one | wc -l)" == 3 ]
  before=$(all_programs test-one)
  "$cluster" up --control-plane --name test-one >/dev/null 2>&1
  check "up again starts nothing anew" same "$before" "$(all_programs test-one)"
  "$cluster" up --name test-one >/dev/null 2>&1
  check "up turns it into a whole node" [ "$(all_programs test-one | wc -l)" == 8 ]
  check "and leaves the control plane as it was" same "$before" "$(all_programs test-one)"
  before=$(all_programs test-one)
  "$cluster" up --control-plane --name test-one >/dev/null 2>&1
  check "up --control-plane leaves a node as it is" same "$before" "$(all_programs test-one)"

  kubectl test-one create configmap kept --from-literal=a=b >/dev/null
  for part in etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet kube-proxy cluster-dns; do
    kill -KILL "$(program test-one "$part")"
    wait_gone "$part"
    check "status tells that $part was killed" not well test-one
    check "up mends it" "$cluster" up --name test-one
    check "all is well" well test-one
  done
  for part in etcd kube-apiserver kubelet cluster-dns; do
    kill -STOP "$(program test-one "$part")"
    check "up replaces a $part that hangs" "$cluster" up --name test-one
    check "all is well" well test-one
  done
  before=$(program test-one kubelet)
  kill -KILL "$(program test-one kube-apiserver)"
  wait_gone kube-apiserver
  check "its port is held by something else" hold_port test-one 6443 5
  check "up starts a kube-apiserver whose port is still held again" "$cluster" up --name test-one
  check "and anew what had lost it" not same "$before" "$(program test-one kubelet)"
  check "all is well" well test-one
  before=$(all_programs test-one | wc -l)
  kill -KILL "$(holder test-one)"
  check "status tells that everything was killed" not well test-one
  check "up starts everything again" "$cluster" up --name test-one
  check "all is well" well test-one
  check "as many programs as before" [ "$(all_programs test-one | wc -l)" == "$before" ]
  check "what was stored is still there" kubectl test-one get configmap kept
  shape test-one
  check "down" "$cluster" down --name test-one
  check "nothing is left" nothing_left test-one
}

not() { ! "$@"; }

# same BEFORE AFTER: it still begins with what was there
same() {
  printf 'before:\n%s\nafter:\n%s\n' "$1" "$2"
  [[ $1 && $2 == "$1"* ]]
}

# hold_port NAME PORT SECONDS: something inside listens there that long
hold_port() {
  local ready=$work/held
  "$cluster" net --name "$1" -- python3 -c 'import socket, sys, time
held = socket.create_server(("", int(sys.argv[1])))
open(sys.argv[3], "w").close()
time.sleep(int(sys.argv[2]))' "$2" "$3" "$ready" >/dev/null 2>&1 &
  until [[ -e $ready ]]; do kill -0 $! 2>/dev/null || return; sleep 0.05; done
}

wait_gone() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    [[ $(program test-one "$1") =~ ^[0-9]+$ ]] || return 0
    sleep 0.05
  done
  echo "$1 does not end" >&2
  return 1
}
