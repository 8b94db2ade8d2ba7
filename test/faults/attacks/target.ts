/** The server that an attack is made on. All of it is on this machine's loopback. */
export interface Target {
  /** Of the gRPC door, as "127.0.0.1:50070". */
  readonly address: string;
  readonly webSocketPort: number;
  readonly pid: number;
  /** Its take folder. */
  readonly takes: string;
}

/** The two doors. */
export type DoorName = "grpc" | "websocket";

/** Waits. */
export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Whether the long forms are asked for, by PLAYBLAST_FAULTS=long. */
export const LONG = process.env.PLAYBLAST_FAULTS === "long";
