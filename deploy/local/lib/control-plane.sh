# etcd, kube-apiserver and kube-controller-manager.

need_control_plane() {
  write_audit_policy
  if ! { find_processes; running etcd && running kube-apiserver && wait_for 5 api_server_well; }; then
    # which of the two is ill cannot be told from outside, and both bear a restart; those that ask them
    # try ever more seldom, so that they would find out a minute late
    stop kube-apiserver etcd kube-controller-manager kube-scheduler kubelet kube-proxy cluster-dns
    need kube-apiserver 60 start_etcd_and_api_server api_server_well
  fi
  need kube-controller-manager 30 start_controller_manager controller_manager_well
  wait_for 30 default_account_made || fail "kube-controller-manager made no default service account in 30 s"
}

start_etcd_and_api_server() {
  find_processes
  running etcd || start_etcd
  start_api_server
}

start_etcd() {
  mkdir -p "$state/etcd"
  chmod 700 "$state/etcd"
  start etcd "$bin/etcd" --name local --data-dir "$state/etcd" --log-level warn \
    --listen-client-urls https://127.0.0.1:2379 --advertise-client-urls https://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster local=http://127.0.0.1:2380 \
    --client-cert-auth --trusted-ca-file "$pki/etcd-ca.crt" --cert-file "$pki/etcd.crt" --key-file "$pki/etcd.key"
}

start_api_server() {
  start kube-apiserver "$bin/kube-apiserver" \
    --bind-address "$node_ip" --advertise-address "$node_ip" --secure-port 6443 \
    --etcd-servers https://127.0.0.1:2379 --etcd-cafile "$pki/etcd-ca.crt" \
    --etcd-certfile "$pki/etcd-client.crt" --etcd-keyfile "$pki/etcd-client.key" \
    --tls-cert-file "$pki/kube-apiserver.crt" --tls-private-key-file "$pki/kube-apiserver.key" \
    --client-ca-file "$pki/cluster-ca.crt" --authorization-mode Node,RBAC \
    --enable-admission-plugins NodeRestriction \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$pki/service-accounts.pub" \
    --service-account-signing-key-file "$pki/service-accounts.key" \
    --service-cluster-ip-range "$service_range" \
    --kubelet-certificate-authority "$pki/cluster-ca.crt" \
    --kubelet-client-certificate "$pki/kubelet-client.crt" --kubelet-client-key "$pki/kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP \
    --audit-policy-file "$state/audit-policy.yaml" --audit-log-path "$audit_log" --audit-log-maxsize 2000
}

# It asks as fast as it can: nobody else needs this API server, and thousands of Deployments would take minutes.
start_controller_manager() {
  start kube-controller-manager "$bin/kube-controller-manager" \
    --kubeconfig "$pki/kube-controller-manager.kubeconfig" \
    --authentication-kubeconfig "$pki/kube-controller-manager.kubeconfig" \
    --authorization-kubeconfig "$pki/kube-controller-manager.kubeconfig" \
    --bind-address 127.0.0.1 --leader-elect=false --use-service-account-credentials \
    --kube-api-qps 500 --kube-api-burst 1000 \
    --tls-cert-file "$pki/kube-controller-manager-server.crt" \
    --tls-private-key-file "$pki/kube-controller-manager-server.key" \
    --root-ca-file "$pki/cluster-ca.crt" --client-ca-file "$pki/cluster-ca.crt" \
    --cluster-signing-cert-file "$pki/cluster-ca.crt" --cluster-signing-key-file "$pki/cluster-ca.key" \
    --service-account-private-key-file "$pki/service-accounts.key" \
    --service-cluster-ip-range "$service_range"
}

# The second goes to etcd each time, while /readyz may tell what it heard a moment ago.
api_server_well() { get /readyz && get /api/v1/namespaces/default; }
controller_manager_well() { healthy https://127.0.0.1:10257; }
default_account_made() { kubectl -n default get serviceaccount default >/dev/null 2>&1; }

# Every request once, when it is answered: enough to count who wrote what. With bodies, where asked
# for, one also sees whether a write changed anything. Never of Secrets, ConfigMaps and tokens.
write_audit_policy() {
  local bodies=''
  [[ ! $audit_bodies ]] || bodies="
- level: RequestResponse
  verbs: [create, update, patch]
  namespaces: [$audit_bodies]
  resources:
  - {group: modelgate.dev}
  - {group: apps}
  - {group: batch}
  - {group: '', resources: [pods, pods/status, pods/binding]}
- level: RequestResponse
  verbs: [create, update, patch]
  namespaces: ['']
  resources:
  - {group: modelgate.dev}"
  cat >"$state/audit-policy.yaml" <<EOF
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:$bodies
- level: Metadata
EOF
}
