# A cluster lives in a process, a network and a mount namespace of its own. They
# are held by one process, the first one inside: when it ends, the kernel ends
# every other process, mount, link and firewall rule with it. So nothing has to be
# remembered in files that a killed start could leave wrong.

init_name=modelgate-local-init
link_prefix=mglocal # and the number of the cluster's subnet

# find_processes: sets $init to the process that holds the cluster, seen from the
# host, or to nothing, and pid_of[NAME] for each program that runs inside.
declare -A pid_of
find_processes() {
  local folder words
  init='' pid_of=()
  for folder in /proc/[0-9]*; do
    read_words "$folder"
    [[ ${words[0]-} == "$init_name" && ${words[1]-} == "$state" ]] && init=${folder#/proc/}
  done
  [[ $init ]] || return 0
  for folder in /proc/[0-9]*; do
    [[ $folder/ns/pid -ef /proc/$init/ns/pid ]] || continue
    read_words "$folder"
    words=${words[0]-}
    [[ $words && ${folder#/proc/} != "$init" ]] && pid_of[${words##*/}]=${folder#/proc/}
  done
  return 0
}

# read_words PROC-FOLDER: sets words to the command line; empty when it is gone
read_words() {
  words=()
  mapfile -t -d '' words 2>/dev/null <"$1/cmdline" || true
} 2>/dev/null

running() { [[ ${pid_of[$1]-} && -d /proc/${pid_of[$1]} ]]; }

inside() { nsenter --target "$init" --net --mount --pid -- "$@"; }

# need_namespaces: starts the process that holds the cluster, unless it is there.
# /run, /var/lib and /var/log are private and empty inside, because containerd, the
# kubelet and the CNI plug-ins keep things there at fixed places; only the
# cluster's own folder shows through.
need_namespaces() {
  find_processes
  [[ $init ]] && return
  remove_orphaned_links
  # shellcheck disable=SC2016 # the variables are those of the inner shells
  unshare --net --mount --pid --propagation slave bash -c '
    setsid bash -euc '\''
      mount -t proc proc /proc
      mount -t tmpfs -o mode=755 tmpfs /run
      mkdir /run/kept
      mount --bind "$1" /run/kept
      mount -t tmpfs -o mode=755 tmpfs /var/lib
      mkdir -p "$1"
      mount --move /run/kept "$1"
      rmdir /run/kept
      mount -t tmpfs -o mode=755 tmpfs /var/log
      mount --make-rshared /
      ip link set lo up
      echo 1 >/proc/sys/net/ipv4/ip_forward
      exec -a "$2" "$3" "$1" 9>&-
    '\'' bash "$@" </dev/null >>"$1/log/init.log" 2>&1 &' bash "$state" "$init_name" "$bin/pause" ||
    fail "could not make namespaces; is this a container without the right to?"
  wait_for 10 init_found || fail "the cluster's namespaces did not come up; see $state/log/init.log"
}

init_found() { find_processes; [[ $init ]]; }

# need_network: joins the cluster's network to the host's by a veth pair. Its number
# gives the addresses, out of the range kept for test networks (198.18.0.0/15):
#   198.18.N.1 host, 198.18.N.2 cluster, 198.18.N.128/25 Services, 198.19.N.0/24 pods
# The kernel keeps the number ours: a second link of that name cannot be made.
need_network() {
  local number link
  number=$(own_number)
  if [[ ! $number ]]; then
    number=$(claim_number)
    [[ $number ]] || refuse "found no free subnet in 198.18.0.0/15 for cluster $name"
  fi
  echo "$number" >"$state/number"
  set_addresses "$number"
  link=$link_prefix$number
  ip link set "$link" alias "$state"
  ip address replace "$host_ip/30" dev "$link"
  ip link set "$link" up
  inside ip address replace "$node_ip/30" dev "$link"
  inside ip link set "$link" up
  inside ip route replace default via "$host_ip"
  ip route replace "$service_range" via "$node_ip"
  ip route replace "$pod_range" via "$node_ip"
}

set_addresses() {
  host_ip=198.18.$1.1 node_ip=198.18.$1.2
  service_range=198.18.$1.128/25 first_service_ip=198.18.$1.129
  pod_range=198.19.$1.0/24
}

# own_number: of the link that is inside already
own_number() { inside ip -o link show type veth | sed -nE "s/^[0-9]+: $link_prefix([0-9]+)@.*/\1/p" | head -n 1; }

# claim_number: the one from before, else the first free one from where the name points
claim_number() {
  local number first try
  if [[ -s $state/number ]]; then
    number=$(<"$state/number")
    claim "$number" || refuse "the subnet 198.18.$number.0/24 of cluster $name is in use by something else; run: cluster down --name $name"
    echo "$number"
    return
  fi
  first=$(($(printf '%s' "$name" | cksum | cut -d' ' -f1) % 256))
  for ((try = 0; try < 256; try++)); do
    number=$(((first + try) % 256))
    claim "$number" && { echo "$number"; return; }
  done
  return 0
}

claim() {
  unrouted "198.18.$1.0/24" && unrouted "198.19.$1.0/24" &&
    ip link add "$link_prefix$1" type veth peer name "$link_prefix$1" netns "$init" 2>/dev/null
}

# unrouted RANGE: the host has no route into it or around it, the default aside
unrouted() {
  local routes
  routes=$(ip -4 route show table all root "$1" && ip -4 route show table all match "$1") || return 1
  ! grep -qv '^default' <<<"${routes:-default}"
}

# The kernel removes a link with its namespace, but takes its time.
remove_link_from_inside() {
  local number
  number=$(own_number)
  [[ ! $number ]] || inside ip link delete "$link_prefix$number"
}

# remove_orphaned_links: of a cluster that was killed; they are known by their alias
remove_orphaned_links() {
  local folder alias
  for folder in /sys/class/net/"$link_prefix"*; do
    [[ -e $folder/ifalias ]] || continue # no link at all, or it went away meanwhile
    alias=$(cat "$folder/ifalias" 2>/dev/null) || continue
    [[ $alias != "$state" ]] || ip link delete "${folder##*/}" 2>/dev/null || [[ ! -e $folder ]] ||
      fail "the network link ${folder##*/} of cluster $name does not go away"
  done
}
