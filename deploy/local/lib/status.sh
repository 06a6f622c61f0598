# What runs, and where things are.

status() {
  local part parts=(etcd kube-apiserver kube-controller-manager) kind='control plane' well=yes
  need_root
  find_processes
  [[ $init || -d $state ]] || { say "no cluster $name; run: cluster up --name $name"; exit 1; }
  if [[ -e $state/containerd/config.toml ]]; then
    kind='whole node'
    parts+=(kube-scheduler containerd kubelet kube-proxy cluster-dns)
  fi
  echo "Cluster $name ($kind)"
  for part in "${parts[@]}"; do
    if running "$part"; then
      printf '  %-24s process %s\n' "$part" "${pid_of[$part]}"
    else
      printf '  %-24s does not run\n' "$part"
      well=''
    fi
  done
  if [[ $init && -s $state/number ]]; then
    set_addresses "$(<"$state/number")"
    find_programs
    get /readyz || { well=''; echo '  the API server is not ready'; }
    if [[ $kind == 'whole node' ]]; then
      node_ready || { well=''; echo '  the node is not ready'; }
    fi
    cat <<EOF
API server    https://$node_ip:6443
Services      $service_range, pods $pod_range (reached from this machine too)
programs      $bin
EOF
  fi
  cat <<EOF
kubeconfig    $state/people/admin/admin.kubeconfig
audit log     $audit_log
logs          $state/log
state         $state
EOF
  [[ $well ]] || { say "Not all is well; to repair it: cluster up --name $name"; exit 1; }
}
