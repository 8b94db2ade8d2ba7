export { doubtOfRows, writeRows } from "./control";
export { findRows } from "./correspond";
export { fillHoles } from "./holes";
export { firstFrameRows, quadsOfRows, rememberRows } from "./remember";
export { ownersOfRows } from "./owners";
export { curvesOfRows } from "./sample";
export { screenToScreen } from "./screen";
export { setScratch } from "./scratch";
