import { doubtOfRows, writeRows } from "./control";
import { Frame, Shot } from "./layout";
import { patternsOfRows } from "./pattern-fill";

/** Guesses the holes of some rows of a frame that was found and filled, and writes its control tensor, outlines and trust. */
export function finishRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  doubtOfRows(shot, frame, fromRow, toRow);
  patternsOfRows(shot, frame, fromRow, toRow);
  writeRows(shot, frame, fromRow, toRow);
}
