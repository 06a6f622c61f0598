# The three images. Built again only when what they are made from has changed.

check_machine() {
  [[ $(uname -s) == Linux ]] || refuse "needs Linux to build the images; this is $(uname -s)"
  [[ $(id -u) == 0 ]] || refuse "needs root, to build images and to start a cluster: sudo make demo"
  [[ $(uname -m) == x86_64 ]] || refuse "the images are built for x86_64 only; this is $(uname -m)"
  local tool missing=''
  command -v go >/dev/null || refuse "needs Go 1.26 or newer on the PATH"
  [[ ${MODELGATE_BINARY-} ]] || command -v cargo >/dev/null || refuse "needs Rust (rustup) on the PATH; the version is in rust-toolchain.toml"
  for tool in buildah; do command -v "$tool" >/dev/null || missing+=" $tool"; done
  [[ -z $missing ]] || packages $missing
}

packages() {
  command -v apt-get >/dev/null || refuse "these programs are missing: $*"
  say "Installing Debian packages: $*"
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@"; } >/dev/null ||
    refuse "apt-get could not install: $*"
}

build_images() {
  local binary
  binary=$(modelgate_binary)
  mkdir -p "$work/images"
  built modelgate "$(sum "$binary" deploy/image LICENSE)" deploy/image/build OUTPUT --binary "$binary"
  built mortgage "$(sum examples/mortgage/server examples/mortgage/images; go version)" examples/mortgage/images/build OUTPUT mortgage
  built prometheus "$(sum examples/mortgage/images)" examples/mortgage/images/build OUTPUT prometheus
}

modelgate_binary() {
  if [[ ${MODELGATE_BINARY-} ]]; then
    readlink -e "$MODELGATE_BINARY" || refuse "MODELGATE_BINARY: no such file: $MODELGATE_BINARY"
  else
    say "Building modelgate; minutes the first time" >&2
    nice cargo build --release --locked --bin modelgate >&2 || refuse "the build failed; the reason is above"
    echo "${CARGO_TARGET_DIR:-$repo/target}/release/modelgate"
  fi
}

sum() { find "$@" -type f -print0 2>/dev/null | sort -z | xargs -0 sha256sum | sha256sum; }

# built IMAGE KEY COMMAND…: build/demo/images/IMAGE.tar, and its name in IMAGE.name
built() {
  local image=$1 key=$2 folder=$work/images line since
  shift 2
  [[ -f $folder/$image.key && -f $folder/$image.tar && $(<"$folder/$image.key") == "$key" ]] && return
  say "Packing the image $image"
  rm -f "$folder/$image.key"
  line=$("${@/OUTPUT/$folder}") || refuse "the image $image could not be built; the reason is above"
  echo "${line##* }" >"$folder/$image.name"
  echo "$key" >"$folder/$image.key"
}

# deliver: puts the images where the cluster finds them and sets image_modelgate, image_mortgage, image_prometheus
deliver() {
  local image name pids=()
  for image in modelgate mortgage prometheus; do
    if [[ $cluster == local ]]; then
      name=$(deploy/local/cluster load --name demo "$work/images/$image.tar")
    else
      name=$(push "$image")
    fi
    declare -g "image_$image=$name"
  done
}

# push IMAGE: prints NAME@DIGEST as the registry has it
push() {
  local name=$IMAGE_PREFIX/$1 tag local_name
  tag=$(<"$work/images/$1.name")
  tag=${tag##*:}
  local_name=$(buildah --storage-driver vfs pull --quiet "oci-archive:$work/images/$1.tar") &&
    buildah --storage-driver vfs push --quiet --digestfile "$work/images/$1.pushed" "$local_name" "docker://$name:${tag:0:12}" >&2 ||
    refuse "could not push $name; log in with: buildah login ${IMAGE_PREFIX%%/*}"
  buildah --storage-driver vfs rmi "$local_name" >/dev/null
  echo "$name@$(<"$work/images/$1.pushed")"
}
