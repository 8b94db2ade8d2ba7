import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { quote } from "../protocol/quote.js";

/** Who may connect, and from where. */
export interface AccessOptions {
  readonly host: string;
  readonly token?: string;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Allow a bind address beyond this machine without TLS. */
  readonly insecure?: boolean;
}

/** Throws when the options would let strangers in or read along. */
export function checkAccess({ host, token, tls, insecure }: AccessOptions): void {
  if (isLoopback(host.includes(":") ? `[${host}]` : host)) return;
  if (!token) {
    throw new Error(
      `host ${host} can be reached from other machines, so a token is needed: pass --token or set PLAYBLAST_TOKEN, or bind to 127.0.0.1`,
    );
  }
  if (!tls && !insecure) {
    throw new Error(
      `host ${host} can be reached from other machines, so TLS is needed: pass --tls-cert and --tls-key, or --insecure to go without`,
    );
  }
}

/** Whether an `Authorization` value carries the token; always where there is none. In constant time. The scheme's case does not count (RFC 9110, 11.1). */
export function allows(token: string | undefined, authorization: string | undefined): boolean {
  if (!token) return true;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(`Bearer ${token}`), digest((authorization ?? "").replace(/^bearer /i, "Bearer ")));
}

/** The names that a request uses, as its headers give them. */
export interface RequestNames {
  /** `Host`, or `:authority` of HTTP/2: how the client calls this server. */
  readonly host: string | undefined;
  /** `Origin`: the page that sends the request; undefined where no page does. */
  readonly origin: string | undefined;
}

/** What `Host` and `:authority` look like: a name or an address, and a port or none. */
const AUTHORITY = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/**
 * Why a request is refused for the names that it uses, or undefined where it is not.
 *
 * Without a token the server is for this machine alone. A web page is not this machine: one of another origin says so in `Origin`, and
 * one whose name was pointed at 127.0.0.1 (DNS rebinding) says so in `Host`. So both must be loopback names. With a token any
 * `Host` will do, and pages must be of the server's own origin or of none (`null`), since the token says who they are.
 */
export function namesRefused({ host, origin }: RequestNames, token: string | undefined): string | undefined {
  if (token) {
    if (!origin || origin === "null" || (URL.canParse(origin) && new URL(origin).host === host)) return undefined;
    return `origin: is ${quote(origin)}; pages of another origin than this server's own may not connect`;
  }
  const remedy = "or start the server with --token";
  if (!host || !AUTHORITY.test(host) || !isLoopback(host)) {
    return `host: is ${quote(host ?? "")}; a server without a token answers to loopback names only. Connect to 127.0.0.1, [::1] or localhost, ${remedy}`;
  }
  if (origin && !(URL.canParse(origin) && isLoopback(new URL(origin).host))) {
    return `origin: is ${quote(origin)}; a server without a token serves only pages of this machine. Open the page from localhost, ${remedy}`;
  }
  return undefined;
}

/** Whether a host with a port or without is this machine: localhost, 127.0.0.0/8, [::1], and such an address mapped into IPv6. */
function isLoopback(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  if (hostname === "localhost" || hostname === "[::1]") return true;
  return (isIPv4(hostname) && hostname.startsWith("127.")) || /^\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]$/.test(hostname);
}
