#!/usr/bin/env bash
# Makes painted clips on all cores and trains on them on a GPU, on a machine with Python, torch and CUDA that has neither Node nor a network.
#
#   training/gpu.sh pack                   on a machine with a build (npm run setup): writes out/gpu.tar.xz, which holds what the other one lacks
#   training/gpu.sh train [OPTION VALUE]   on the other one, in a checkout with that file: data, training, export
#
#   --data-minutes 4      of making clips, on --processes (all cores) side by side
#   --minutes 7.5         of training in all, over all sittings
#   --sitting 100000      seconds after which a sitting ends: training saves and a model is exported; the same command goes on
#   --node PATH           a Node binary, or a folder of parts of a .tar.xz that holds bin/node; default: node on the PATH, then out/gpu.tar.xz
#   --work out/gpu        clips and checkpoints; --out FOLDER and --name NAME: the model
#   --device cuda --batch 48 --start models/default.json --size blending --rate 1e-3 --first 30000 (seed of the first world)
#   --held-out 12 (worlds) --processes N --perceptual FILE (features whose distance is a loss too); PLAYBLAST_PYTHON names the Python, else python3
#
# In small, on a CPU: training/gpu.sh train --data-minutes 0.5 --minutes 1 --held-out 2 --device cpu --batch 6 --size small --start '' --work /tmp/gpu --out /tmp/gpu
set -euo pipefail
cd "$(dirname "$0")/.."

# Packages that the clips are made with (dist/training/dataset/painted.js).
PACKAGES=(gl-matrix heap-js @bufbuild/protobuf @mcap/core @foxglove/wasm-zstd @foxglove/crc @grpc/grpc-js @js-sdsl/ordered-map)
# Worlds of one process; more than it can make.
RANGE=10000
# Of a sitting, what loading, the last checkpoint and the export take.
RESERVE_SECONDS=25

pack() {
  local files=(dist package.json proto)
  for package in "${PACKAGES[@]}"; do [ -d "node_modules/$package" ] && files+=("node_modules/$package"); done
  local temporary; temporary=$(mktemp -d)
  mkdir -p out "$temporary/bin"
  cp "$(node -p process.execPath)" "$temporary/bin/node"
  tar c -C "$temporary" bin -C "$PWD" "${files[@]}" | xz -3 -T0 >out/gpu.tar.xz
  rm -r "$temporary"
  ls -l out/gpu.tar.xz
}

data_minutes=4 minutes=7.5 sitting=100000 node="" work=out/gpu out=out name=default-materials
size=blending device=cuda batch=48 start=models/default.json rate=1e-3 first=30000 held_out=12 perceptual="" processes=$(nproc)
python=${PLAYBLAST_PYTHON:-python3}

# Where Node and the build lie: sets `node` and `build`.
find_node() {
  build=$PWD
  if [ -f "$node" ]; then return; fi
  if [ -n "$node" ]; then
    mkdir -p "$work/node"
    [ -x "$work/node/bin/node" ] || cat "$node"/part-* | tar xJ -C "$work/node"
    node=$(readlink -f "$work/node/bin/node")
  elif command -v node >/dev/null; then node=$(command -v node)
  elif [ -f out/gpu.tar.xz ]; then
    mkdir -p "$work/build"
    [ -x "$work/build/bin/node" ] || tar xJf out/gpu.tar.xz -C "$work/build"
    build=$(readlink -f "$work/build") node=$build/bin/node
  else
    echo "gpu.sh: there is no Node: give --node, or out/gpu.tar.xz, which 'training/gpu.sh pack' writes on a machine with a build" >&2
    exit 1
  fi
  [ -f "$build/dist/training/dataset/painted.js" ] || { echo "gpu.sh: $build holds no build; run npm run setup there" >&2; exit 1; }
}

make_clips() {
  [ -f "$work/made" ] && return
  mkdir -p "$work/clips" "$work/held" "$work/logs"
  local painted=$build/dist/training/dataset/painted.js end=$((SECONDS + ${data_seconds})) running=() i
  for ((i = 0; i < processes; i++)); do
    (
      for ((k = i; k < held_out; k += processes)); do
        "$node" "$painted" --out "$work/held" --first $((1000003 + k)) --clips 1 --looks 2 --stride 8
      done
      left=$(((end - SECONDS) > 1 ? end - SECONDS : 1))
      "$node" "$painted" --out "$work/clips" --first $((first + RANGE * i)) --clips $RANGE --looks 2 --minutes "$("$python" -c "print($left / 60)")"
    ) >"$work/logs/$i" 2>&1 &
    running+=($!)
  done
  for i in "${running[@]}"; do wait "$i" || { echo "gpu.sh: making clips failed:" >&2; tail -n 5 "$work"/logs/* >&2; exit 1; }; done
  touch "$work/made"
  echo "$(find "$work/clips" -name meta.json | wc -l) clips, $(du -sh "$work/clips" | cut -f1), after $SECONDS s"
}

train() {
  while [ $# -gt 0 ]; do
    case $1 in
    --data-minutes | --minutes | --sitting | --node | --work | --out | --name | --device | --batch | --start | --size | --rate | --first | --held-out | --processes | --perceptual)
      local option=${1#--}
      printf -v "${option//-/_}" %s "$2"
      shift 2
      ;;
    *) echo "gpu.sh: $1 is not known; see the head of $0" >&2; exit 2 ;;
    esac
  done
  data_seconds=$("$python" -c "print(round(60 * $data_minutes))")
  mkdir -p "$work" "$out"
  find_node
  make_clips
  local code=0
  # A sitting ends as Ctrl-C does: training saves, and goes on in the next one.
  timeout -s INT $((sitting - SECONDS - RESERVE_SECONDS)) "$python" training/train_painted.py --data "$work/clips" --held-out "$work/held" \
    --run "$work/run" ${start:+--start "$start" --fresh-head} ${perceptual:+--perceptual "$perceptual"} --size "$size" --minutes "$minutes" --rate "$rate" --batch "$batch" --device "$device" --measure-seconds 90 || code=$?
  case $code in 0 | 124 | 130) ;; *) exit "$code" ;; esac
  cp "$work/run/log.jsonl" "$out/$name.log.jsonl"
  # Torch warns of the exporter that the graphs are made with, and of what it cannot fold.
  "$python" -W ignore training/export.py --run "$work/run" --name "$name" --out "$out" --shrink best
  echo "after $SECONDS s"
}

case ${1:-} in
pack) pack ;;
train) shift; train "$@" ;;
*) sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
esac
