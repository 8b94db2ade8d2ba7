/** What the doors allow a client, and how long they wait for one. Milliseconds where a name ends in `Ms`. */
export interface DoorLimits {
  /** Connections of one door from one address. An editor uses a handful. */
  readonly connectionsPerAddress: number;
  /** Connections of one door. */
  readonly connections: number;
  /** Calls at the same time on one gRPC connection; clients let further ones wait. */
  readonly streamsPerConnection: number;
  /** Shots at the same time, on both doors together. */
  readonly openShots: number;
  /** From the connection to a whole TLS handshake, HTTP/2 preface, or HTTP request. */
  readonly handshakeMs: number;
  /** From the start of a shot's stream to its whole first message. */
  readonly firstMessageMs: number;
  /** A client is pinged so often. */
  readonly keepaliveMs: number;
  /** A connection without a shot on which nothing comes for so long, no answer to a ping either, is cut. Above `keepaliveMs`. */
  readonly quietMs: number;
  /** A connection, with a shot too, is closed when a ping has no answer after so long: a debugger may hold a client. */
  readonly keepaliveAnswerMs: number;
  /** A gRPC connection without a call is closed after so long; clients connect again by themselves. */
  readonly idleMs: number;
  /** A client that reads nothing is ended after so long. */
  readonly readMs: number;
  /** A connection that the server has ended is cut when the client has not ended it after so long. */
  readonly lingerMs: number;
}

/** Generous to slow clients and debuggers, bounded against those who hold on to what they do not use. */
export const DOOR_LIMITS: DoorLimits = {
  connectionsPerAddress: 64,
  connections: 256,
  streamsPerConnection: 32,
  openShots: 64,
  handshakeMs: 10_000,
  firstMessageMs: 20_000,
  keepaliveMs: 4_000,
  quietMs: 10_000,
  keepaliveAnswerMs: 60_000,
  idleMs: 300_000,
  readMs: 60_000,
  lingerMs: 2_000,
};

/**
 * How long a server that closes waits, one step after another. Together below the 3 s in which a server must be gone, with room for
 * what lies between the steps.
 */
export const CLOSING = {
  /** For clients to hear why their shots end. Then their connections are cut. */
  lastWordMs: 1_000,
  /** For shots to finish the chunk that runs. */
  shotsMs: 300,
  /** For models to end. */
  modelsMs: 600,
  /** For recordings of shots whose chunk was abandoned with its model. */
  recordingsMs: 300,
} as const;
