# The cluster's own certificate authorities, and a certificate for everyone in it.
# etcd has an authority of its own, so that no client of the API server is one of etcd.

need_certificates() {
  local sa=$pki/service-accounts
  mkdir -p "$pki" "$state/people"
  chmod 700 "$pki" "$state/people"
  authority cluster
  authority etcd
  [[ -s $sa.pub ]] || {
    (umask 077 && openssl ecparam -genkey -name prime256v1 -noout -out "$sa.key")
    openssl ec -in "$sa.key" -pubout -out "$sa.pub.new" 2>/dev/null || fail "openssl could not make $sa.pub"
    mv "$sa.pub.new" "$sa.pub"
  }
  certificate etcd etcd /CN=etcd serverAuth,clientAuth IP:127.0.0.1
  certificate etcd-client etcd /CN=kube-apiserver clientAuth
  certificate kube-apiserver cluster /CN=kube-apiserver serverAuth \
    "IP:$node_ip,IP:127.0.0.1,IP:$first_service_ip,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate kubelet-client cluster /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  certificate kube-controller-manager-server cluster /CN=kube-controller-manager serverAuth IP:127.0.0.1
  kubeconfig "$pki" kube-controller-manager /CN=system:kube-controller-manager
  kubeconfig "$pki" modelgate-local /O=system:masters/CN=modelgate-local
  person admin >/dev/null
}

need_node_certificates() {
  certificate kubelet-server cluster "/O=system:nodes/CN=system:node:$node_name" serverAuth "IP:$node_ip,DNS:$node_name"
  certificate kube-scheduler-server cluster /CN=kube-scheduler serverAuth IP:127.0.0.1
  kubeconfig "$pki" kube-scheduler /CN=system:kube-scheduler
  kubeconfig "$pki" kubelet "/O=system:nodes/CN=system:node:$node_name"
  kubeconfig "$pki" kube-proxy /CN=system:kube-proxy
}

# authority NAME: a self-signed certificate that signs others
authority() {
  local file=$pki/$1-ca
  [[ -s $file.crt ]] && return
  request "$file" -subj "/CN=modelgate-local-$1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# certificate FILE AUTHORITY SUBJECT USAGE [ALTERNATIVE-NAMES]
certificate() {
  local file names=()
  file=$(cd "$pki" && realpath -m -- "$1")
  [[ -s $file.crt ]] && return
  [[ ${5-} ]] && names=(-addext "subjectAltName=$5")
  request "$file" -subj "$3" -CA "$pki/$2-ca.crt" -CAkey "$pki/$2-ca.key" \
    -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
    -addext "extendedKeyUsage=$4" "${names[@]}"
}

# request FILE OPTION…: FILE.key and FILE.crt; the latter appears last and whole
request() {
  local file=$1; shift
  (umask 077 && openssl req -x509 -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 3650 \
    -config <(printf '[req]\ndistinguished_name=subject\n[subject]\n') \
    -keyout "$file.key" -out "$file.crt.new" "$@" 2>"$file.err") ||
    { cat "$file.err" >&2; fail "openssl could not make $file.crt"; }
  rm -f "$file.err"
  mv "$file.crt.new" "$file.crt"
}

# kubeconfig FOLDER NAME SUBJECT: FOLDER/NAME.kubeconfig with a client certificate for the subject
kubeconfig() {
  local folder=$1 user=$2 file=$1/$2.kubeconfig
  [[ -s $file ]] && return
  certificate "$folder/$user" cluster "$3" clientAuth
  (umask 077 && cat >"$file.new") <<EOF
apiVersion: v1
kind: Config
current-context: modelgate-local-$name
clusters:
- name: modelgate-local-$name
  cluster:
    server: https://$node_ip:6443
    certificate-authority-data: $(base64 -w0 "$pki/cluster-ca.crt")
users:
- name: $user
  user:
    client-certificate-data: $(base64 -w0 "$folder/$user.crt")
    client-key-data: $(base64 -w0 "$folder/$user.key")
contexts:
- name: modelgate-local-$name
  context: {cluster: modelgate-local-$name, user: $user}
EOF
  mv "$file.new" "$file"
}

# person NAME [GROUPS]: prints the path of their kubeconfig. Without groups: those
# they were given before, else those in the file "people".
person() {
  local who=$1 groups=${2-} folder=$state/people/$1 known=$state/people/$1/groups subject=''
  [[ $who =~ ^[A-Za-z0-9][A-Za-z0-9@._-]{0,62}$ ]] || refuse "not a user name: $who"
  [[ ${2+given} ]] || groups=$(cat "$known" 2>/dev/null || groups_of "$who")
  [[ $groups =~ ^([A-Za-z0-9@:._-]+(,[A-Za-z0-9@:._-]+)*)?$ ]] || refuse "not a list of groups: $groups"
  if [[ -s $known && $(<"$known") != "$groups" ]]; then
    rm -rf "$folder"
  fi
  mkdir -p "$folder"
  [[ $groups ]] && subject=/O=${groups//,//O=}
  echo "$groups" >"$known"
  kubeconfig "$folder" "$who" "$subject/CN=$who"
  echo "$folder/$who.kubeconfig"
}

groups_of() { awk -v who="$1" '$1 == who { print $2 }' "$here/people"; }
