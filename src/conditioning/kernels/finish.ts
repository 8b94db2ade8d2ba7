import { doubtOfRows, writeRows } from "./control";
import { Frame, Shot } from "./layout";
import { patternsOfRows } from "./pattern-fill";
import { transferRows } from "./transfer";

/**
 * Guesses the holes of some rows of a frame that was found and filled, and writes its transfer, trust and what its control maps leave of the control tensor.
 * The maps of all rows are there: a transfer asks for normals of rows nearby, which another thread may have.
 */
export function finishRows(shot: Shot, frame: Frame, fromRow: i32, toRow: i32): void {
  doubtOfRows(shot, frame, fromRow, toRow);
  patternsOfRows(shot, frame, fromRow, toRow);
  if (changetype<usize>(frame.transfer) != 0) transferRows(shot, frame, fromRow, toRow);
  writeRows(shot, frame, fromRow, toRow);
}
