# Images into the node. There is no registry: what is not loaded cannot run.

need_pause_image() {
  [[ $(ctr_here images ls -q "name==$pause_image") == "$pause_image" ]] || import "$bin/pause.tar" >/dev/null
}

# load IMAGE: from an OCI archive or, by name, from buildah's store
load() {
  local archive=$1 work buildah
  if [[ ! -f $archive ]]; then
    [[ $archive != */*.tar ]] || refuse "no such archive: $archive"
    work=$(mktemp -d "$state/load.XXXXXX") # below the cluster, so that "down" takes it too
    # shellcheck disable=SC2064 # the folder is known now and the variable is local
    trap "rm -rf '$work'" EXIT
    buildah=(buildah --storage-driver "${STORAGE_DRIVER:-vfs}")
    "${buildah[@]}" inspect --type image "$1" >/dev/null 2>&1 9>&- ||
      refuse "neither an archive nor an image in buildah's store: $1"
    "${buildah[@]}" push -q "$1" "oci-archive:$work/image.tar:$1" >/dev/null 9>&- ||
      fail "buildah could not write $1; the reason is above"
    archive=$work/image.tar
  fi
  import "$archive"
}

# import ARCHIVE: prints NAME@DIGEST of each image in it, and makes that name known
# to the node, so that a pod can ask for exactly these bytes.
import() {
  local lines line tag digest found=''
  lines=$(ctr_here images import "$1") || fail "containerd could not import $1; the reason is above"
  while read -r line; do
    [[ $line =~ ^unpacking\ ([^ ]+)\ \((sha256:[0-9a-f]{64})\) ]] || continue
    tag=${BASH_REMATCH[1]} digest=${BASH_REMATCH[2]}
    ctr_here images tag --force "$tag" "${tag%:*}@$digest" >/dev/null || fail "containerd could not name $tag by its digest"
    echo "${tag%:*}@$digest"
    found=yes
  done <<<"$lines"
  [[ $found ]] || fail "$1 holds no named image; make it with: buildah push NAME oci-archive:FILE:NAME"
}
