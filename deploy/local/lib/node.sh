# What turns a control plane into a node that runs pods: kube-scheduler,
# containerd, kubelet, kube-proxy and a small name server.

socket() { echo "$state/containerd/containerd.sock"; }

need_node() {
  need_node_certificates
  need_control_groups
  write_containerd_settings
  write_kubelet_settings
  need kube-scheduler 30 start_scheduler scheduler_well
  need containerd 30 start_containerd containerd_well
  need_pause_image
  need kubelet 60 start_kubelet kubelet_well
  need kube-proxy 30 start_proxy proxy_well
  need cluster-dns 30 start_dns dns_well
  wait_for 60 node_ready || { tail -n 5 "$state/log/kubelet.log" >&2; fail "node $node_name is not ready after 60 s; see $state/log/kubelet.log"; }
}

start_scheduler() {
  start kube-scheduler "$bin/kube-scheduler" \
    --kubeconfig "$pki/kube-scheduler.kubeconfig" \
    --authentication-kubeconfig "$pki/kube-scheduler.kubeconfig" \
    --authorization-kubeconfig "$pki/kube-scheduler.kubeconfig" \
    --tls-cert-file "$pki/kube-scheduler-server.crt" --tls-private-key-file "$pki/kube-scheduler-server.key" \
    --bind-address 127.0.0.1 --leader-elect=false
}

start_containerd() { start containerd "$(command -v containerd)" --config "$state/containerd/config.toml"; }

start_kubelet() {
  start kubelet "$bin/kubelet" --config "$state/kubelet/config.yaml" --root-dir "$state/kubelet" \
    --kubeconfig "$pki/kubelet.kubeconfig" --hostname-override "$node_name" --node-ip "$node_ip"
}

start_proxy() {
  start kube-proxy "$bin/kube-proxy" --kubeconfig "$pki/kube-proxy.kubeconfig" \
    --hostname-override "$node_name" --proxy-mode nftables --cluster-cidr "$pod_range" \
    --conntrack-max-per-core 0 --healthz-bind-address 127.0.0.1:10256 --metrics-bind-address 127.0.0.1:10249
}

# It may read what kube-proxy may: Services and their endpoints.
start_dns() { start cluster-dns "$bin/cluster-dns" "$pki/kube-proxy.kubeconfig" "$node_ip:53" 127.0.0.1:10258; }

scheduler_well() { healthy https://127.0.0.1:10259; }
containerd_well() { ctr_here version >/dev/null 2>&1; }
kubelet_well() { healthy http://127.0.0.1:10248; }
proxy_well() { healthy http://127.0.0.1:10256; }
dns_well() { healthy http://127.0.0.1:10258; }

node_ready() {
  [[ $(kubectl get node "$node_name" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]
}

ctr_here() { timeout 60 ctr --address "$(socket)" --namespace k8s.io "$@" 9>&-; }

# The kubelet keeps its pods below one group per cluster: it removes groups of pods
# that it does not know, which would else be those of the cluster next to it.
control_group=modelgate-local-

control_group_folders() {
  local folder
  for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [[ -e $folder/cgroup.procs ]] && readlink -f "$folder/$control_group$name"
  done | sort -u
}

need_control_groups() {
  local folder file
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    echo '+cpu +cpuset +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
  fi
  for folder in $(control_group_folders); do
    mkdir -p "$folder"
    for file in cpuset.cpus cpuset.mems; do # of a version 1 group: empty at first
      [[ -e $folder/$file && -s ${folder%/*}/$file ]] && cat "${folder%/*}/$file" >"$folder/$file"
    done
  done
  return 0
}

# restrict_oom_score_adj: a machine without CAP_SYS_RESOURCE could start no pod else.
write_containerd_settings() {
  local folder=$state/containerd
  mkdir -p "$folder/net.d"
  cat >"$folder/config.toml" <<EOF
version = 2
root = "$folder/root"
state = "$folder/state"
[grpc]
  address = "$(socket)"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$folder/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
EOF
  cat >"$folder/net.d/bridge.conflist" <<EOF
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{
  "type": "bridge", "bridge": "pods0", "isGateway": true, "hairpinMode": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_range"}]], "routes": [{"dst": "0.0.0.0/0"}]}
}]}
EOF
}

write_kubelet_settings() {
  mkdir -p "$state/kubelet"
  : >"$state/kubelet/resolv.conf" # nothing is known of the world outside
  cat >"$state/kubelet/config.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_ip
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $pki/cluster-ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet-server.crt
tlsPrivateKeyFile: $pki/kubelet-server.key
containerRuntimeEndpoint: unix://$(socket)
cgroupDriver: cgroupfs
cgroupRoot: /$control_group$name
failCgroupV1: false
enforceNodeAllocatable: []
failSwapOn: false
podLogsDir: $state/pod-logs
resolvConf: $state/kubelet/resolv.conf
clusterDomain: cluster.local
clusterDNS: [$node_ip]
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100 # no image could be fetched again
EOF
}
