#!/bin/bash
# Takes this folder's pictures of the dock anew, in a real Godot editor. PLAYBLAST_GODOT says how Godot is started, as for the
# tests: see test/godot/engine.sh. Needs ports 50080 and 50081, which the pictures show.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${PLAYBLAST_GODOT:?see test/godot/engine.sh}"
PLAYBLAST_SCREENSHOTS=1 npx vitest run test/godot/screenshots.test.ts
