#!/usr/bin/env bash
# Runs the GPU benchmark where there is no npm and no network: `bash run.sh [--cases G1,C1 …]`.
# Unpacks Node and Dawn to a temporary folder; needs a Vulkan driver of the machine's own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${CENTROIDS_BENCH_TMP:-/tmp/centroids-bench-gpu}
mkdir -p "$work"
[ -x "$work/node" ] || { xz -dc "$here/node.xz" > "$work/node" && chmod +x "$work/node"; }
cp -r "$here/node_modules" "$work/"
for packed in $(find "$work/node_modules" -name '*.xz'); do xz -df "$packed"; done
if ! ldconfig -p | grep -q libvulkan; then
  ls "$here"/debs/*.deb > /dev/null 2>&1 || { echo 'libvulkan is neither here nor packed' >&2; exit 1; }
  mkdir -p "$work/system"
  for deb in "$here"/debs/*.deb; do dpkg -x "$deb" "$work/system"; done
  export LD_LIBRARY_PATH="$work/system/usr/lib/x86_64-linux-gnu:${LD_LIBRARY_PATH:-}"
fi
# where containers with NVIDIA's driver have it
icd=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
if [ -z "${VK_DRIVER_FILES:-}" ] && [ -f "$icd" ]; then export VK_DRIVER_FILES=$icd; fi
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
NODE_PATH="$work/node_modules" exec "$work/node" "$here/bench-gpu.js" "$@"
