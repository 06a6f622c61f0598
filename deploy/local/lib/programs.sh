# Programs built from pinned Go modules, once, into the user's cache.

control_plane_programs=(pause etcd kubectl kube-apiserver kube-controller-manager)
node_programs=(kube-scheduler kube-proxy kubelet cluster-dns pause.tar)
pause_image=localhost/pause:1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/modelgate/local-cluster

# find_programs: sets $bin, the folder of the programs that these pins, this
# recipe and this Go make
find_programs() {
  local key
  command -v go >/dev/null || refuse "needs Go 1.26 or later on the PATH to build Kubernetes"
  key=$(cd "$here/go" && { GOTOOLCHAIN=local go version && find . ../lib/programs.sh -type f -print0 | sort -z | xargs -0 cat; } |
    sha256sum | cut -c1-16)
  bin=$cache/$key
  case $bin in
    /run/* | /var/run/* | /var/lib/* | /var/log/*)
      refuse "the cache $cache is hidden inside the cluster; set XDG_CACHE_HOME to a folder outside /run, /var/lib and /var/log" ;;
  esac
}

# need_programs NAME…: builds those that are not in $bin yet, one at a time
need_programs() {
  local name missing=() done=0 began
  for name; do [[ -e $bin/$name ]] || missing+=("$name"); done
  ((${#missing[@]})) || return 0
  mkdir -p "$bin"
  exec 8>"$cache/lock"
  flock --nonblock 8 || { say "Another build is running; waiting for it"; flock 8; }
  rm -rf "$cache"/unfinished.*
  for name in "${missing[@]}"; do
    done=$((done + 1))
    [[ -e $bin/$name ]] && continue
    began=$(now)
    need_space "$cache" 8 "building Kubernetes"
    say "Building $name ($done of ${#missing[@]}); minutes the first time, kept in $bin"
    build_program "$name"
    say "Built $name in $(seconds_since "$began") s"
  done
  exec 8>&-
}

build_program() {
  local unfinished
  unfinished=$(mktemp -d "$cache/unfinished.XXXXXX")
  case $1 in
    pause.tar) make_pause_image "$unfinished" ;;
    pause) go_build pause . "-s -w" "$unfinished/$1" ;;
    cluster-dns) go_build kubernetes ./cluster-dns "-s -w" "$unfinished/$1" ;;
    etcd) go_build etcd go.etcd.io/etcd/server/v3 "-s -w" "$unfinished/$1" ;;
    *) go_build kubernetes "k8s.io/kubernetes/cmd/$1" "-s -w $(version_flags | xargs)" "$unfinished/$1" ;;
  esac || fail "could not build $1; the reason is above"
  mv "$unfinished/$1" "$bin/$1"
  rm -rf "$unfinished"
}

# go_build MODULE-FOLDER PACKAGE LINKER-FLAGS OUTPUT
go_build() {
  (cd "$here/go/$1" &&
    GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 \
      nice -n 5 go build -trimpath -buildvcs=false -ldflags "$3" -o "$4" "$2" >&2)
}

# Without these the programs call themselves v0.0.0 and clients that compare versions misbehave.
version_flags() {
  local version minor at
  version=$(sed -nE 's/.*k8s.io\/kubernetes (v[0-9.]+).*/\1/p' "$here/go/kubernetes/go.mod")
  minor=${version#v*.}
  for at in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    echo "-X $at.gitVersion=$version -X $at.gitMajor=1 -X $at.gitMinor=${minor%.*} -X $at.gitTreeState=clean"
  done
}

# make_pause_image FOLDER: what every pod's first container runs, as FOLDER/pause.tar
make_pause_image() {
  local work=$1 buildah=(buildah --storage-driver vfs --root "$1/root" --runroot "$1/run")
  cp "$bin/pause" "$work/pause"
  printf 'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n' >"$work/Containerfile"
  "${buildah[@]}" bud --isolation chroot -t "$pause_image" -f "$work/Containerfile" "$work" >/dev/null &&
    "${buildah[@]}" push -q "$pause_image" "oci-archive:$work/pause.tar:$pause_image" >/dev/null
}
