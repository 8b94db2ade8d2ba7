export { doubtOfRows, writeRows } from "./control";
export { findRows } from "./correspond";
export { fillHoles } from "./holes";
export { ownersOfRows, surfacesOfRows } from "./owners";
export { firstFrameRows, quadsOfRows, rememberRows } from "./remember";
export { curvesOfRows } from "./sample";
export { setScratch } from "./scratch";
export { screenToScreen } from "./screen";
