import { createHash, timingSafeEqual } from "node:crypto";

/** Who may connect, and from where. */
export interface AccessOptions {
  readonly host: string;
  readonly token?: string;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Allow a bind address beyond this machine without TLS. */
  readonly insecure?: boolean;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** Throws when the options would let strangers in or read along. */
export function checkAccess({ host, token, tls, insecure }: AccessOptions): void {
  if (LOOPBACK.test(host)) return;
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

/** Whether an `Authorization` value carries the token; always where there is none. In constant time. */
export function allows(token: string | undefined, authorization: string | undefined): boolean {
  if (!token) return true;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ""));
}
