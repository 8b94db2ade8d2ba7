import type { IncomingMessage, RequestListener } from "node:http";
import { allows } from "./access.js";
import { modelList } from "./model-list.js";
import type { SessionContext } from "./session.js";

/** A page for clients that bring the token. */
interface Page {
  readonly type: string;
  readonly body: () => string;
}

/** The pages beside the shots: GET /health for everybody, /metrics and /v1/models for those who bring the token. */
export function httpPages(context: SessionContext, token: string | undefined): RequestListener {
  const pages = new Map<string, Page>([
    ["/metrics", { type: "text/plain; version=0.0.4", body: () => context.metrics.toString() }],
    ["/v1/models", { type: "application/json", body: () => `${JSON.stringify(modelList(context))}\n` }],
  ]);
  return (request, response) => {
    const path = urlOf(request).pathname;
    const page = pages.get(path);
    if (path === "/health") response.end("ok\n");
    else if (!page) {
      response.statusCode = 404;
      response.end(`${path} is not here; shots are streamed over WebSocket at /v1/shot\n`);
    } else if (!allows(token, request.headers.authorization)) {
      response.statusCode = 401;
      response.setHeader("www-authenticate", "Bearer");
      response.end(
        "authorization: is missing or wrong; send the header 'Authorization: Bearer TOKEN' with this server's token\n",
      );
    } else {
      response.setHeader("content-type", page.type);
      response.end(page.body());
    }
  };
}

/** The URL that a request asks for; one that is no URL asks for "/". */
export function urlOf({ url = "/" }: IncomingMessage): URL {
  const base = "http://localhost";
  return new URL(URL.canParse(url, base) ? url : "/", base);
}
