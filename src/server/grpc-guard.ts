import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from "@grpc/grpc-js";
import { namesRefused } from "./access.js";
import { statusMessage } from "./grpc-status.js";

/**
 * Stands before every call, those of health and reflection too: refuses callers by the names that they use (`namesRefused`), and keeps
 * every status short enough to reach its client.
 */
export function grpcGuard(token: string | undefined): ServerInterceptor {
  return (_method, call) => {
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const origin = metadata.get("origin")[0]?.toString();
        const refusal = namesRefused({ host: call.getHost(), origin }, token);
        if (refusal) call.sendStatus({ code: status.PERMISSION_DENIED, details: statusMessage(refusal) });
        else next(metadata);
      })
      .build();
    const responder = new ResponderBuilder()
      .withStart((next) => next(listener))
      .withSendStatus((sent, next) => next({ ...sent, details: statusMessage(sent.details ?? "") }))
      .build();
    return new ServerInterceptingCall(call, responder);
  };
}
