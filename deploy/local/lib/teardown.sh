# Taking a cluster away, whatever state it is in.

down() {
  need_root
  locked find_processes
  remember_links
  [[ $init ]] && end_processes
  wait_for 10 links_gone || fail "the network link ${links[*]} of cluster $name does not go away"
  remove_control_groups
  rm -rf --one-file-system "$state"
  rmdir "$root" 2>/dev/null || true # other clusters may be in it
  rm -f "/run/lock/modelgate-local-$name"
  say "Cluster $name is gone"
}

# Guests are processes that "cluster net" started: they keep the network in being.
end_processes() {
  local folder guests=()
  for folder in /proc/[0-9]*; do
    [[ $folder/ns/net -ef /proc/$init/ns/net && ! $folder/ns/pid -ef /proc/$init/ns/pid ]] || continue
    # pods have a process namespace of their own, below the cluster's
    [[ $(awk '/^NSpid:/ { print NF }' "$folder/status" 2>/dev/null) == 2 ]] && guests+=("${folder#/proc/}")
  done
  ((${#guests[@]})) && kill -KILL "${guests[@]}" 2>/dev/null
  kill -KILL "$init"
  wait_for 30 init_gone || fail "process $init of cluster $name does not end"
}

init_gone() { find_processes; [[ ! $init ]]; }

# remember_links: the link is known by its name inside and, if the cluster was killed,
# by its alias. The kernel removes it with the namespace, but takes its time.
remember_links() {
  local folder number
  links=()
  if [[ $init ]]; then
    number=$(own_number)
    [[ $number ]] && links+=("$link_prefix$number")
  fi
  for folder in /sys/class/net/"$link_prefix"*; do
    [[ -e $folder/ifalias && $(<"$folder/ifalias") == "$state" ]] && links+=("${folder##*/}")
  done
  return 0
}

links_gone() {
  local link
  for link in "${links[@]}"; do [[ ! -e /sys/class/net/$link ]] || return 1; done
}

remove_control_groups() {
  wait_for 10 try_remove_control_groups || fail "the control groups of cluster $name do not go away"
}

try_remove_control_groups() {
  local group left=''
  for group in $(control_group_folders); do
    [[ -d $group ]] || continue
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || left=yes
  done
  [[ ! $left ]]
}
