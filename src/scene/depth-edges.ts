// Where one surface ends and another begins, told by depth. All shares are of what `depthReach` gives: the depth under perspective, the height of what
// is seen where the view is orthographic. The conditioning's kernels read this file too.

/**
 * Neighbours further apart than this share of the nearer one's depth lie on two surfaces, whatever asks: resampling, hole filling, normals, outlines of
 * remembered frames. A floor 1.6 m below a camera that sees 40 degrees over 144 rows stays one surface up to 16 m away, a wall behind an arm is another.
 */
export const SURFACE_JUMP = 0.05;
/** A remembered pixel mixes two surfaces where a neighbour is so many times the surface's own slope further away: a slope has no outline. */
export const MIXED_SLOPES = 2;
/** Along a row or column, a step above SURFACE_JUMP is still a slope where the step beside it is the same within this share: a floor near the horizon. */
export const SLOPE_CHANGE = 0.25;
/** Inverse depth is linear across a plane (depth, where the view is orthographic). A bend of more than this share of it in one pixel is a crease. */
export const CREASE = 0.005;
/** Neighbours further apart than this have an outline between them. Wider than SURFACE_JUMP: an outline costs trust on both of its sides. */
export const OUTLINE_JUMP = 0.06;
/**
 * Inverse depth that jumps by more than this share is an outline that a painter would draw. Wider again: a picture is compared with these alone, and
 * each must be there.
 */
export const PAINTED_JUMP = 0.08;
/**
 * Which way a surface faces is measured across steps of up to this. The widest: planes of patterns are followed up to the horizon (of the floor above
 * to 64 m), and what lies on another plane is found out by its place.
 */
export const FACING_JUMP = 0.2;
