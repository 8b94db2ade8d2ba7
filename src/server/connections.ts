import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { DoorLimits } from "./door-limits.js";

/** How often connections are looked over. */
const SWEEP_MS = 500;
/** A connection gets this long to open a shot before it may have to give way. */
const NEW_MS = 1_000;
/** Connections at the same time that are told why they cannot stay; further ones are cut without a word. */
const MOST_REFUSED = 32;

interface Connection {
  readonly address: string;
  /** As the call or request on it gives its peer. */
  readonly peer: string;
  readonly since: number;
  /** Why it may not stay, where it may not. */
  readonly refusal: string | undefined;
  /** What its bytes are written to: the socket, or the TLS on it. */
  stream: Socket;
  shots: number;
  /** Bytes that had come when it was last looked at, and since when there are no more. */
  read: number;
  quietSince: number;
  /** When the server ended it; undefined as long as it has not. */
  endedAt: number | undefined;
}

/** How a connection's other end is called: address and port. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

/**
 * The connections of one door: how many there may be, and their end.
 *
 * One without a shot on which nothing comes is cut: a client answers the pings of its door (`keepaliveMs`) long before. After malformed HTTP/2
 * Node reads no more from a connection and says so to nobody, and this is how it is found. Where there are too many, the oldest without a
 * shot gives way to the new one.
 */
export class Connections {
  readonly #limits: DoorLimits;
  readonly #open = new Map<Socket, Connection>();
  readonly #sweep: NodeJS.Timeout;

  constructor(limits: DoorLimits) {
    this.#limits = limits;
    this.#sweep = setInterval(() => this.#cut(), SWEEP_MS).unref();
  }

  /**
   * Takes in a new connection.
   *
   * @param refuse Tells the client why it cannot stay, and ends the connection. Without it the connection is cut.
   * @returns Whether it stays.
   */
  admit(socket: Socket, refuse?: (why: string) => void): boolean {
    // Whoever serves the connection has listeners of its own, but not at every moment.
    socket.on("error", () => {});
    const address = socket.remoteAddress;
    if (address === undefined) {
      socket.destroy();
      return false;
    }
    const refusal = this.#makeRoom(address);
    if (refusal !== undefined && (!refuse || this.#all((one) => one.refusal !== undefined).length >= MOST_REFUSED)) {
      socket.destroy();
      return false;
    }
    const since = performance.now();
    this.#open.set(socket, {
      address,
      peer: peerOf(socket),
      since,
      refusal,
      stream: socket,
      shots: 0,
      read: 0,
      quietSince: since,
      endedAt: undefined,
    });
    socket.once("close", () => this.#open.delete(socket));
    if (refusal === undefined) return true;
    refuse?.(refusal);
    return false;
  }

  /** Notes that an admitted connection now speaks TLS. */
  secured(socket: TLSSocket): void {
    socket.on("error", () => {});
    const connection = this.#find(peerOf(socket));
    if (connection) connection.stream = socket;
  }

  /** Notes that a shot runs on the connection with this peer, so that it does not give way. Returns what ends that; safe to call twice. */
  hold(peer: string): () => void {
    const connection = this.#find(peer);
    if (!connection) return () => {};
    connection.shots++;
    let held = true;
    return () => {
      if (held) connection.shots--;
      held = false;
    };
  }

  /** Cuts all connections. */
  destroy(): void {
    clearInterval(this.#sweep);
    for (const socket of this.#open.keys()) socket.destroy();
    this.#open.clear();
  }

  /** Lets an old connection without a shot give way where there are too many. Returns why there is no room, or undefined. */
  #makeRoom(address: string): string | undefined {
    const { connections, connectionsPerAddress } = this.#limits;
    const own = this.#all((one) => one.address === address && one.refusal === undefined).length;
    if (own >= connectionsPerAddress && !this.#cutOldest((one) => one.address === address)) {
      return `${own} connections from ${address} are open, as many as this server takes from one address; close one of them`;
    }
    const all = this.#all((one) => one.refusal === undefined).length;
    if (all >= connections && !this.#cutOldest(() => true)) {
      return `${all} connections are open, as many as this server takes; try again later`;
    }
    return undefined;
  }

  #cutOldest(which: (connection: Connection) => boolean): boolean {
    const now = performance.now();
    for (const [socket, connection] of this.#open) {
      const { shots, since, refusal } = connection;
      if (shots > 0 || refusal !== undefined || now - since < NEW_MS || !which(connection)) continue;
      this.#open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Cuts what the server has ended and the client has not, and what has fallen quiet: each would keep its descriptor. */
  #cut(): void {
    const now = performance.now();
    const { lingerMs, quietMs } = this.#limits;
    for (const [socket, connection] of this.#open) {
      if (socket.bytesRead !== connection.read || connection.shots > 0) {
        connection.read = socket.bytesRead;
        connection.quietSince = now;
      }
      if (connection.stream.writableEnded) connection.endedAt ??= now;
      const isOver = connection.endedAt !== undefined && now - connection.endedAt >= lingerMs;
      if (isOver || now - connection.quietSince >= quietMs) connection.stream.destroy();
    }
  }

  #all(which: (connection: Connection) => boolean): Connection[] {
    return [...this.#open.values()].filter(which);
  }

  #find(peer: string): Connection | undefined {
    return [...this.#open.values()].find((one) => one.peer === peer);
  }
}
