#!/bin/bash
# A real Godot with software Vulkan and OpenGL on a Debian machine without a display. Needs root.
#
#   engine.sh setup DIR                        a Debian with Godot under DIR, 0.9 GB; does nothing where it is there and works
#   engine.sh run DIR METHOD PROJECT [args]    METHOD: headless | forward_plus | mobile | gl_compatibility
#   engine.sh down DIR                         unmounts what anything left mounted under DIR, so that DIR may be deleted
#
# Godot needs a newer Mesa than the stable release has, so it lives in a chroot. A run has mounts and processes of its own
# (namespaces): when it ends or is killed, however that happens, the kernel takes Godot, Xvfb and every mount with it.
#
# PLAYBLAST_GODOT_MOUNT    files and folders that Godot may read too, at their own paths, with colons between: for a program
#                          that Godot is to start
set -euo pipefail

SUITE=forky
PACKAGES=ca-certificates,godot,mesa-vulkan-drivers,libgl1-mesa-dri,libgl1,libegl1,xvfb,xauth

verb=${1:?setup, run or down} dir=$(readlink -m "${2:?the folder of the engine}")
root=$dir/$SUITE

# Runs as the first process of the namespaces: mounts, then starts Godot.
inside() {
  local method=$1 project=$2
  shift 2
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind "$project" "$root/mnt"
  local more path
  IFS=: read -ra more <<<"${PLAYBLAST_GODOT_MOUNT:-}"
  for path in "${more[@]}"; do
    if [ -d "$path" ]; then mkdir -p "$root$path"; else install -D /dev/null "$root$path"; fi
    mount --bind "$path" "$root$path"
    mount -o remount,bind,ro "$root$path"
  done
  # Shader caches stay in the chroot's home: the second start is much faster than the first.
  local godot=(env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin)
  # Displays are numbered by the outer process, because runs share the machine's abstract sockets but not /tmp.
  # With a file for its cookie, or xvfb-run ends with an error when its temporary folder is touched while it removes it.
  local display=(xvfb-run --auth-file /tmp/xauthority --server-num "$((100 + PLAYBLAST_RUN % 30000))" -s "-screen 0 1280x800x24")
  case $method in
    headless) godot+=(godot --headless) ;;
    gl_compatibility) godot+=("${display[@]}" godot --rendering-driver opengl3 --audio-driver Dummy) ;;
    forward_plus | mobile) godot+=("${display[@]}" godot --rendering-driver vulkan --audio-driver Dummy) ;;
    *) echo "engine.sh: $method is no rendering method; allowed are headless, forward_plus, mobile, gl_compatibility" >&2; exit 2 ;;
  esac
  [ "$method" = headless ] || godot+=(--rendering-method "$method")
  # Not by exec: Xvfb reports to the process that started it that it is ready, but never to process 1.
  chroot "$root" "${godot[@]}" --path /mnt "$@"
}

run() {
  local method=$1 project
  project=$(readlink -e "$2") || { echo "engine.sh: there is no folder $2" >&2; exit 2; }
  shift 2
  PLAYBLAST_RUN=$$ setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child \
    bash "$0" inside "$dir" "$method" "$project" "$@" &
  local child=$! status=0
  trap 'kill -KILL "$child" 2>/dev/null || true' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT HUP
  wait "$child" || status=$?
  trap - EXIT
  exit "$status"
}

works() {
  local empty status=0
  [ -x "$root/usr/bin/godot" ] && [ -x "$root/usr/bin/xvfb-run" ] || return 1
  empty=$(mktemp -d)
  (run headless "$empty" --version) || status=$?
  rmdir "$empty"
  return "$status"
}

setup() {
  if works; then return; fi
  if ! command -v mmdebstrap >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap
  fi
  unmount
  rm -rf --one-file-system "$root" "$root.partial"
  mkdir -p "$dir"
  # The suite's Release file can be past its date; its signature is still checked.
  mmdebstrap --variant=minbase --components=main --include="$PACKAGES" \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    "$SUITE" "$root.partial"
  mv "$root.partial" "$root"
  works || { echo "engine.sh: Godot was installed under $root but does not start" >&2; exit 1; }
}

unmount() {
  local mounted
  mounted=$(awk -v under="$dir/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | sort -r)
  [ -z "$mounted" ] || xargs umount <<<"$mounted"
}

shift 2
case $verb in
  setup) setup ;;
  run) run "${1:?the rendering method}" "${2:?the project folder}" "${@:3}" ;;
  inside) inside "$@" ;;
  down) unmount ;;
  *) echo "engine.sh: $verb is no verb; allowed are setup, run, down" >&2; exit 2 ;;
esac
