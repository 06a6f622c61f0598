# Which cluster, and who is who in it.

# choose_cluster: sets $cluster to local or current; with current it says which one and asks
choose_cluster() {
  cluster=${CLUSTER:-local}
  case $cluster in
    local) ;;
    current) choose_current ;;
    *) refuse "CLUSTER is \"local\" or \"current\", not \"$cluster\"" ;;
  esac
}

choose_current() {
  local server answer
  command -v kubectl >/dev/null || refuse "needs kubectl on the PATH"
  context=$(kubectl config current-context 2>/dev/null) || refuse "kubectl has no current context"
  server=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
  say "This is about the cluster of your current kubectl context:"
  say "  context $context"
  say "  server  $server"
  say "  in it: namespaces modelgate-system, lending, lending-traffic and monitoring; CRDs of modelgate.dev;"
  say "  cluster roles and admission policies named modelgate-*"
  if [[ ${YES-} != 1 ]]; then
    [[ -t 0 ]] || refuse "nobody is there to ask; say YES=1 if you mean that cluster"
    read -r -p "Go on? [y/N] " answer
    [[ $answer == [yY]* ]] || refuse "stopped; nothing was touched"
  fi
}

# start_cluster: sets KUBECONFIG, PATH and the flags that make kubectl act as each person
start_cluster() {
  title "A Kubernetes to work on"
  if [[ $cluster == local ]]; then start_local; else start_current; fi
}

start_local() {
  local environment who files=() name
  # The story begins on an empty cluster.
  if [[ -d /var/lib/modelgate-local/demo ]]; then
    say "A demo cluster from before is there; starting it anew"
    deploy/local/cluster down --name demo
  fi
  environment=$(deploy/local/cluster up --name demo) || refuse "the cluster did not start; the reason is above"
  eval "$environment"
  for who in admin mia@bank.example omar@bank.example petra@bank.example; do
    files+=("$(deploy/local/cluster kubeconfig --name demo --as "$who")")
  done
  mkdir -p "$work"
  (umask 077 && KUBECONFIG=$(IFS=:; echo "${files[*]}") kubectl config view --flatten >"$work/kubeconfig")
  export KUBECONFIG=$repo/$work/kubeconfig
  mia=' --user mia@bank.example' omar=' --user omar@bank.example' petra=' --user petra@bank.example'
  say "Everyone has a client certificate: mia (writes models), omar (risk committee), petra (makes the rules)."
}

# check_current: what can be known before anything is built
check_current() {
  local taken
  [[ $cluster == current ]] || return 0
  [[ ${IMAGE_PREFIX-} ]] || refuse "IMAGE_PREFIX is needed: a registry path that you can push to and the cluster can pull from, such as registry.example/team"
  [[ -z $(kubectl -n default get configmap modelgate-demo --ignore-not-found -o name) ]] ||
    refuse "the demo is in this cluster already; run first: make demo-down CLUSTER=current"
  taken=$(kubectl get namespaces lending lending-traffic monitoring modelgate-system --ignore-not-found -o name &&
    kubectl get customresourcedefinition modelreleases.modelgate.dev --ignore-not-found -o name) ||
    refuse "the cluster does not answer; the reason is above"
  [[ -z $taken ]] || refuse "not made by the demo and in its way: ${taken//$'\n'/, }; use another cluster"
  check_version
}

# What demo-down may take away: without this ConfigMap it touches nothing.
start_current() {
  kubectl -n default create configmap modelgate-demo --from-literal=made-by=deploy/demo/run >/dev/null ||
    refuse "the cluster does not let you write; the reason is above"
  mia=' --as mia@bank.example --as-group lending-ml' omar=' --as omar@bank.example --as-group ml-risk'
  petra=' --as petra@bank.example --as-group modelgate-admins'
  say "People are acted by impersonation: mia (writes models), omar (risk committee), petra (makes the rules)."
}

# Enforcement inside the API server needs MutatingAdmissionPolicy in v1.
check_version() {
  local served version
  served=$(kubectl get --raw /apis/admissionregistration.k8s.io/v1) || refuse "the cluster does not answer; the reason is above"
  version=$(kubectl get --raw /version | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p')
  [[ $served == *'"mutatingadmissionpolicies"'* ]] || refuse "needs Kubernetes 1.36 or newer; this is $version"
}
