# Modelgate into the cluster, and what the example needs.

# fill_manifests: copies of the example's manifests with the names of the images filled in
fill_manifests() {
  local file
  deliver
  rm -rf "${work:?}"/{base,v1,v2,v3}
  for file in examples/mortgage/k8s/{base,v1,v2,v3}/*.yaml; do
    mkdir -p "$work/$(basename "$(dirname "$file")")"
    sed -e "s|@MORTGAGE_IMAGE@|$image_mortgage|" -e "s|@PROMETHEUS_IMAGE@|$image_prometheus|" \
      -e 's|@MORTGAGE_URL@|http://mortgage-approval.lending|' -e 's|@PROMETHEUS_URL@|http://prometheus.monitoring:9090|' \
      "$file" >"$work/$(basename "$(dirname "$file")")/$(basename "$file")"
  done
  deploy/render --image "$image_modelgate" >"$work/modelgate.yaml"
}

install_modelgate() {
  title "Modelgate into the cluster"
  tell "An admin installs the object kinds, then the operator, its rights and the policies inside the API server."
  quietly "kubectl apply -f crds"
  kubectl wait --for=condition=Established --timeout=30s -f crds >/dev/null || give_up "the object kinds are not served"
  quietly "kubectl apply -f deploy/gateconfig.yaml -f $work/modelgate.yaml"
}

# quietly COMMAND: like show, with the number of lines instead of the lines
quietly() {
  local output
  printf '$ %s\n' "$1"
  output=$(eval "$1" 2>&1) || { printf '%s\n' "$output"; give_up "this command failed: $1"; }
  note "$(wc -l <<<"$output") objects"
}

# The namespaces, people, rules and Prometheus of the example. Rules are petra's.
prepare_example() {
  tell "Namespace lending is governed. Petra makes the rules for it; Modelgate reads which ones apply from the namespace's labels."
  quietly "kubectl apply -f $work/base/namespaces.yaml -f $work/base/people.yaml -f $work/base/service.yaml -f $work/base/prometheus.yaml"
  show "kubectl$petra apply -f $work/base/policies.yaml -f $work/base/gateconfig.yaml"
  kubectl -n modelgate-system rollout status deployment/modelgate --timeout=120s >/dev/null || give_up "the operator does not get ready"
  within 30 "the API server holds new Deployments in lending" holds
  within 30 "the operator has seen that the admission policies are there and unaltered" enforced
  kubectl -n monitoring rollout status deployment/prometheus --timeout=120s >/dev/null || give_up "Prometheus does not get ready"
}

enforced() { [[ $(kubectl get gateconfig modelgate -o 'jsonpath={.status.conditions[?(@.type=="Enforced")].status}') == True ]]; }

# A trial that is not kept. Policies take a moment to be read by the API server.
holds() {
  [[ $(kubectl -n lending create deployment trial --image=trial --dry-run=server -o 'jsonpath={.spec.paused}' 2>/dev/null) == true ]]
}

look_around() {
  title "Done in $(seconds_since "$began") s. All five steps were as told."
  if [[ $cluster == local ]]; then
    say "Look around:    export KUBECONFIG=$KUBECONFIG PATH=$(dirname "$(command -v kubectl)"):\$PATH"
  else
    say "Look around:"
  fi
  say "                kubectl -n lending describe mrel mortgage-approval"
  say "                kubectl -n lending get gruns,relappr,admrev"
  say "                kubectl explain modelrelease.spec"
  say "Clean up:       make demo-down${CLUSTER:+ CLUSTER=$CLUSTER}"
}
