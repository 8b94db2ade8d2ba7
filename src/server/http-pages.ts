import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { allows, namesRefused, type RequestNames } from "./access.js";
import { modelList } from "./model-list.js";
import type { SessionContext } from "./session.js";

/** A page for clients that bring the token. */
interface Page {
  readonly type: string;
  readonly body: () => string;
}

const TEXT = "text/plain; charset=utf-8";
const NOT_SERVING = "not serving: a model has stopped and is being started again; try again in a moment\n";

/** The pages beside the shots: GET /health for everybody, /metrics and /v1/models for those who bring the token. */
export function httpPages(context: SessionContext, token: string | undefined): RequestListener {
  const pages = new Map<string, Page>([
    ["/metrics", { type: "text/plain; version=0.0.4", body: () => context.metrics.toString() }],
    ["/v1/models", { type: "application/json", body: () => `${JSON.stringify(modelList(context))}\n` }],
  ]);
  /** Connections that have had their answer: it is the last one, or requests that come all at once would keep the event loop from others. */
  const answered = new WeakSet<Socket>();
  return (request, response) => {
    if (answered.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    answered.add(request.socket);
    const answer = (status: number, body: string, type = TEXT) => send(response, { status, type, body });
    const path = urlOf(request).pathname;
    const page = pages.get(path);
    const refusal = namesRefused(namesOf(request), token);
    if (refusal) answer(403, `${refusal}\n`);
    else if (request.method !== "GET") {
      response.setHeader("allow", "GET");
      answer(405, `method: is ${request.method}; pages answer to GET only\n`);
    } else if (path === "/health") {
      if (context.models.serving) answer(200, "ok\n");
      else answer(503, NOT_SERVING);
    } else if (!page) answer(404, `${path} is not here; shots are streamed over WebSocket at /v1/shot\n`);
    else if (!allows(token, request.headers.authorization)) {
      response.setHeader("www-authenticate", "Bearer");
      answer(
        401,
        "authorization: is missing or wrong; send the header 'Authorization: Bearer TOKEN' with this server's token\n",
      );
    } else answer(200, page.body(), page.type);
  };
}

/** The URL that a request asks for; one that is no URL asks for "/". */
export function urlOf({ url = "/" }: IncomingMessage): URL {
  const base = "http://localhost";
  return new URL(URL.canParse(url, base) ? url : "/", base);
}

/** The names that a request uses. A host in the request line stands before `Host`. */
export function namesOf({ url = "/", headers }: IncomingMessage): RequestNames {
  return { host: URL.canParse(url) ? new URL(url).host : headers.host, origin: headers.origin };
}

/** Answers without reading the request's body, and ends the connection. No other page may use the answer. */
function send(
  response: ServerResponse,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: string },
): void {
  response.setHeader("connection", "close");
  response.setHeader("content-type", type);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("cross-origin-resource-policy", "same-origin");
  response.setHeader("cache-control", "no-store");
  response.statusCode = status;
  response.end(body);
}
