# Taking a cluster away, whatever state it is in.

down() {
  need_root
  locked find_processes
  if [[ $init ]]; then
    end_guests
    remove_link_from_inside
    end_holder
  fi
  remove_orphaned_links
  wait_for 10 try_remove_control_groups || fail "the control groups of cluster $name do not go away"
  rm -rf --one-file-system "$state"
  rmdir "$root" 2>/dev/null || true # other clusters may be in it
  rm -f "/run/lock/modelgate-local-$name"
  say "Cluster $name is gone"
}

# Guests are processes that "cluster net" started: of the cluster's network, but of
# the host's process namespace.
end_guests() {
  local folder
  for folder in /proc/[0-9]*; do
    [[ $folder/ns/net -ef /proc/$init/ns/net && $folder/ns/pid -ef /proc/self/ns/pid ]] || continue
    kill -KILL "${folder#/proc/}" 2>/dev/null || true # it may have ended meanwhile
  done
}

end_holder() {
  local holder=$init
  kill -KILL "$holder"
  wait_for 30 ended "$holder" || fail "process $holder of cluster $name does not end"
}

# ended PID: the last that the kernel does for the first process of a namespace is to
# wait for all the others, so only its absence, or a zombie, tells that they are gone
ended() {
  local stat
  IFS= read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
  [[ $stat == *') '[ZX]' '* ]]
}

try_remove_control_groups() {
  local group left=''
  for group in $(control_group_folders); do
    [[ -d $group ]] || continue
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || left=yes
  done
  [[ ! $left ]]
}
