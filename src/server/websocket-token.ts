import type { IncomingMessage } from "node:http";

/** The subprotocol that the WebSocket door speaks, and answers with where it is offered. */
export const SUBPROTOCOL = "playblast.v1";
/** Beside it a page may offer its token as base64url: browsers let pages set no other header of a WebSocket. */
const TOKEN_PREFIX = "playblast.token.";

/**
 * The `Authorization` value of a WebSocket's request: its header, or the token offered as a subprotocol, or `?token=` of the URL, in this
 * order; undefined where there is none. A token in a URL is discouraged, because URLs are written down.
 */
export function bearerOf({ url = "/", headers }: IncomingMessage): {
  readonly authorization: string | undefined;
  readonly isInUrl: boolean;
} {
  const offered = (headers["sec-websocket-protocol"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .find((name) => name.startsWith(TOKEN_PREFIX));
  const inUrl = URL.canParse(url, "http://localhost") && new URL(url, "http://localhost").searchParams.get("token");
  const token = offered ? Buffer.from(offered.slice(TOKEN_PREFIX.length), "base64url").toString() : inUrl;
  return { authorization: headers.authorization ?? (token ? `Bearer ${token}` : undefined), isInUrl: Boolean(inUrl) };
}
