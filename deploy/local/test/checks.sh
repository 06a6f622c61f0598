# The checks' own words: what passed, what failed, and what a cluster left behind.

passed=0 failed=0

# check WORDS COMMAND…: one check; its output is shown when it fails
check() {
  local words=$1 output; shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$words"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n' "$words"
    sed 's/^/        /' <<<"$output"
  fi
}

# refuses WORDS-EXPECTED COMMAND…: exit code 2 and one line that has the words
refuses() {
  local expected=$1 output code=0; shift
  output=$("$@" 2>&1) || code=$?
  echo "exit code $code: $output"
  [[ $code == 2 && $(wc -l <<<"$output") == 1 && $output == *"$expected"* ]]
}

# holder NAME: the process that holds the cluster's namespaces
holder() {
  local folder words
  for folder in /proc/[0-9]*; do
    mapfile -t -d '' words <"$folder/cmdline" || continue
    [[ ${words[0]-} == modelgate-local-init && ${words[1]-} == "$root/$1" ]] && echo "${folder#/proc/}"
  done
} 2>/dev/null

# shape NAME: sets held to the namespaces that the cluster has now, to be looked for later
shape() {
  local kind holder
  held=''
  holder=$(holder "$1")
  [[ ! $holder ]] || for kind in net pid mnt; do held+=" $(readlink "/proc/$holder/ns/$kind")"; done
}

# nothing_left NAME: no process, mount, namespace, link, lock or folder of the cluster
nothing_left() {
  local found=''
  found+=$(processes_left "$1")
  found+=$(grep -F "$root/$1" /proc/self/mountinfo)
  found+=$(links_left "$1")
  found+=$(find "$root/$1" "/run/lock/modelgate-local-$1" -maxdepth 0 2>/dev/null)
  found+=$(find /sys/fs/cgroup -name "modelgate-local-$1" 2>/dev/null)
  found+=$(comm -13 <(echo "$folders_before") <(folders_that_tell))
  [[ ! $found ]] || { echo "left behind: $found"; return 1; }
}

processes_left() {
  local folder words namespace others
  others=$(other_holders "$1")
  for folder in /proc/[0-9]*; do
    [[ $(<"$folder/stat") != *") Z "* ]] || continue
    words=$(tr '\0' ' ' <"$folder/cmdline")
    if [[ $words/ == *"$root/$1/"* || $words == *"$root/$1 "* ]] ||
      grep -q "modelgate-local-$1/" "$folder/cgroup"; then
      echo "process ${folder#/proc/} $words"
    fi
    for namespace in $held; do
      [[ $(readlink "$folder/ns/${namespace%%:*}") == "$namespace" && $others != *"$namespace"* ]] &&
        echo "process ${folder#/proc/} in $namespace: $words"
    done
  done 2>/dev/null
}

# other_holders NAME: namespaces of other clusters; the kernel gives numbers out again
other_holders() {
  local folder words
  for folder in /proc/[0-9]*; do
    mapfile -t -d '' words <"$folder/cmdline" || continue
    [[ ${words[0]-} == modelgate-local-init && ${words[1]-} != "$root/$1" ]] && readlink "$folder"/ns/{net,pid,mnt}
  done
} 2>/dev/null

# A link that has no alias yet was made by a start that was killed.
links_left() {
  local folder alias
  for folder in /sys/class/net/mglocal*; do
    [[ -e $folder ]] || continue
    alias=$(<"$folder/ifalias")
    [[ $alias && $alias != "$root/$1" ]] || echo "link ${folder##*/} $alias"
  done 2>/dev/null
}

# Where containerd, the kubelet and the CNI plug-ins would put things on the host.
folders_that_tell() {
  find /run/containerd /run/netns /run/runc /run/cni /var/lib/cni /var/lib/kubelet /var/lib/containerd \
    /var/log/pods /var/log/containers -maxdepth 1 2>/dev/null | sort
}
