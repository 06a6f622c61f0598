# What the machine has to offer, and the Debian packages it lacks.

need_root() { [[ $EUID == 0 ]] || refuse "needs root; run it again with sudo"; }

# need_space FOLDER GIGABYTES WHAT-FOR: the nearest folder that exists is measured
need_space() {
  local folder=$1 free
  while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
  free=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
  ((free >= $2 * 1024 * 1024)) ||
    refuse "$3 needs $2 GB free under $1, and there are $((free / 1024)) MB"
}

# The command or file that shows a package is there, and the package.
control_plane_packages=(
  ip:iproute2 openssl:openssl nsenter:util-linux flock:util-linux)
node_packages=(
  containerd:containerd runc:runc nft:nftables buildah:buildah
  /usr/lib/cni/bridge:containernetworking-plugins)

# need_packages PROOF:PACKAGE…: installs those whose proof is missing
need_packages() {
  local pair missing=()
  for pair; do
    [[ -x ${pair%:*} ]] || command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || refuse "these packages are missing: ${missing[*]}"
  need_root
  say "Installing Debian packages: ${missing[*]}"
  apt_install "${missing[@]}" >/dev/null 2>&1 ||
    { apt-get -qq update >&2 && apt_install "${missing[@]}" >&2; } ||
    refuse "apt-get could not install ${missing[*]}"
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" 8>&- 9>&-
}
