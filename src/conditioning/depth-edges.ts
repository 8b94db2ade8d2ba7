// Where one surface ends and another begins, told by depth. Shares are of what `depthReach` gives: the depth under perspective, the view's height
// where it is orthographic. Read by the kernels and by TypeScript alike.

/** Neighbours further apart than this share of the nearer one's depth lie on two surfaces; a floor near the horizon stays one. */
export const SURFACE_JUMP = 0.05;
/** Inverse depth is linear across a plane (depth, where the view is orthographic). A bend of more than this share of it in one pixel is a crease. */
export const CREASE = 0.005;
/** Neighbours further apart than this have an outline between them, where a pixel's colour is this frame's own. */
export const OUTLINE_JUMP = 0.06;
/** A normal is not measured across a step of more than this. */
export const MAP_EDGE = 0.05;
/** A remembered pixel mixes two surfaces where a neighbour is further away than this plus so many times the surface's own slope. */
export const MIXED_JUMP = 0.05;
export const MIXED_SLOPES = 2;
