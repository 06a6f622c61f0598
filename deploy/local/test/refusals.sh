# One clear sentence and exit code 2, for everything the machine or the user may lack.

test_refusals() {
  local fake=$work/fake
  mkdir -p "$fake"
  printf '#!/bin/sh\necho Darwin\n' >"$fake/uname"
  chmod +x "$fake/uname"
  check "not Linux" refuses "needs Linux" env PATH="$fake:$PATH" "$cluster" up
  check "not root" refuses "needs root" setpriv --reuid 65534 --clear-groups "$cluster" up
  check "no room for programs" refuses "needs 8 GB" small_folder /mnt env XDG_CACHE_HOME=/mnt "$cluster" build
  check "no room for a cluster" refuses "needs 1 GB" small_folder /var/lib "$cluster" up --name test-one
  check "cache inside a hidden folder" refuses "XDG_CACHE_HOME" env XDG_CACHE_HOME=/run/x "$cluster" build
  check "no Go" refuses "needs Go" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$cluster" build
  check "unknown command" refuses "unknown command" "$cluster" upp
  check "unknown option" refuses "unknown option" "$cluster" up --fast
  check "option without value" refuses "needs a value" "$cluster" up --name
  check "name that is a path" refuses "not a cluster name" "$cluster" down --name ../x
  check "name that is empty" refuses "not a cluster name" "$cluster" down --name ''
  check "extra word" refuses "unexpected argument" "$cluster" down demo
  check "no such cluster" refuses "no cluster" "$cluster" kubeconfig --name test-one
  check "all subnets in use" refuses "no free subnet" all_subnets_taken
  check "help" "$cluster" --help
  check "nothing is left" nothing_left test-one
}

# small_folder FOLDER COMMAND…: the command sees 64 MB there
small_folder() {
  # shellcheck disable=SC2016 # the variables are those of the inner shell
  unshare --mount sh -c 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"' "$@"
}

# The host routes the whole test range elsewhere, in a network of its own.
all_subnets_taken() {
  # shellcheck disable=SC2016
  unshare --net sh -c 'ip link set lo up; ip route add 198.18.0.0/15 dev lo; exec "$0" "$@"' \
    "$cluster" up --control-plane --name test-one
  local code=$?
  "$cluster" down --name test-one 2>/dev/null
  return $code
}
