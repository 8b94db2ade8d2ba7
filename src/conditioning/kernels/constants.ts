/** As in scene/engine-frame.ts: a depth from here on is no surface. */
export const BACKGROUND_DEPTH: f64 = 1e5;

// Constants of the same names in controls.ts, which training shares.
@external("constants", "SHADE_FLOOR") export declare const SHADE_FLOOR: f64;
@external("constants", "MOST_LIGHT_STOPS") export declare const MOST_LIGHT_STOPS: f64;
@external("constants", "OUTLINE_DOUBT") export declare const OUTLINE_DOUBT: f64;
@external("constants", "GUESS_DOUBT") export declare const GUESS_DOUBT: f64;
@external("constants", "LIGHT_DOUBT") export declare const LIGHT_DOUBT: f64;
@external("constants", "SUBPIXEL") export declare const SUBPIXEL: f64;
@external("constants", "INSIDE") export declare const INSIDE: i32;
