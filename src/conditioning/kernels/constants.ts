/** As in scene/engine-frame.ts: a depth from here on is no surface. */
export const BACKGROUND_DEPTH: f64 = 1e5;

// Constants of the same names in controls.ts, which training shares.
export declare const SHADE_FLOOR: f64;
export declare const MOST_LIGHT_STOPS: f64;
export declare const OUTLINE_DOUBT: f64;
export declare const GUESS_DOUBT: f64;
export declare const LIGHT_DOUBT: f64;
export declare const TRANSFER_DOUBT: f64;
export declare const SUBPIXEL: f64;
export declare const INSIDE: i32;
