// Channels of the control tensor by their names in ../controls.ts, in camel case, and how many there are.
export declare const count: i32;
export declare const filledWarpRed: i32;
export declare const memoryRed: i32;
export declare const trustOfTheFirstFrame: i32;
export declare const trustOfMemory: i32;
export declare const doubt: i32;
export declare const inverseDepth: i32;
export declare const normalX: i32;
export declare const normalY: i32;
export declare const normalZ: i32;
export declare const lambert: i32;
export declare const lightNow: i32;
export declare const lightRatio: i32;
export declare const transferRed: i32;
