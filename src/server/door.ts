import type { Server } from "node:net";
import type { AccessOptions } from "./access.js";
import type { DoorLimits } from "./door-limits.js";
import type { Session } from "./session.js";

/** One of a server's doors. */
export interface Door {
  readonly port: number;
  /**
   * Takes no new shots, ends those that run with UNAVAILABLE, and cuts the connections of clients that do not go by themselves. Resolves
   * after at most CLOSING.lastWordMs, whatever clients and models do; a shot's chunk may then still be running.
   */
  close(): Promise<void>;
}

/** Options of a door. */
export interface DoorOptions extends AccessOptions {
  /** 0 chooses a free port. */
  readonly port: number;
  readonly limits: DoorLimits;
  /** The shots of all doors that are open or still ending. */
  readonly shots: Set<Session>;
}

/** Binds a door. Throws when its port is taken. */
export function listen(server: Server, { host, port }: DoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // Such as running out of descriptors: what is open goes on, and the next connection is tried again.
      server.on("error", () => {});
      resolve();
    });
  });
}
