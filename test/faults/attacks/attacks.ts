import {
  cutFlood,
  emptyPlanesGzip,
  emptyPlanesWebSocket,
  flushFlood,
  flushFloodBehindFrames,
  poseFlood,
  promptFlood,
  tinyPlanes,
} from "./floods.js";
import { clientLeaves, exportBeside, exportsUntilTheEnd, frozenBeside, frozenClients } from "./large-shots.js";
import { modelPaths, unknownModels } from "./models.js";
import { mutatedMessages } from "./mutated-messages.js";
import { lookQueueBomb, pictureBombs } from "./pictures.js";
import { fullDisk, partialRemoved, refusedFrame, sameName, symlinkedTake, takeFolderRemoved } from "./recordings.js";
import { malformedHttp2, slowLoris } from "./sockets.js";
import { foreignPages } from "./strangers.js";
import type { Target } from "./target.js";
import { workerKilled } from "./workers.js";

/**
 * All attacks by name. Each says what it `did` and how the server answered; an attack that is to be broken off calls
 * `started` when it is under way.
 */
export const ATTACKS = {
  cutFlood,
  emptyPlanesGzip,
  emptyPlanesWebSocket,
  flushFlood,
  flushFloodBehindFrames,
  poseFlood,
  promptFlood,
  tinyPlanes,
  clientLeaves,
  exportBeside,
  exportsUntilTheEnd,
  frozenBeside,
  frozenClients,
  modelPaths,
  unknownModels,
  mutatedMessages,
  lookQueueBomb,
  pictureBombs,
  fullDisk,
  partialRemoved,
  refusedFrame,
  sameName,
  symlinkedTake,
  takeFolderRemoved,
  malformedHttp2,
  slowLoris,
  foreignPages,
  workerKilled,
} satisfies Record<string, (target: Target, started: () => void) => Promise<{ readonly did: string }>>;
