/** gRPC's retries (proposal A6) where no gRPC core does them: in browsers. */

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { sleep } from "./sleep.js";
import { serviceConfig } from "./service_config.js";

const [{ name: methods, retryPolicy }] = serviceConfig.methodConfig;

function seconds(duration: string): number {
  return Number(duration.slice(0, -1));
}

function isRetried(service: string, method: string): boolean {
  return methods.some((each) => each.service === service && (!("method" in each) || each.method === method));
}

/** As gRPC spells a code: "DEADLINE_EXCEEDED". */
function spelled(code: Code): string {
  return Code[code].replace(/(?<!^)(?=[A-Z])/g, "_").toUpperCase();
}

/** Repeats unary calls that the service config lists, with growing pauses, until the deadline. */
export const retrying: Interceptor = (next) => async (request) => {
  if (request.stream || !isRetried(request.service.typeName, request.method.name)) return next(request);
  let pause = seconds(retryPolicy.initialBackoff);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await next(request);
    } catch (error) {
      const { code } = ConnectError.from(error);
      const retryable: readonly string[] = retryPolicy.retryableStatusCodes;
      if (attempt >= retryPolicy.maxAttempts || !retryable.includes(spelled(code))) throw error;
    }
    await sleep(pause * 1000 * (0.8 + 0.4 * Math.random()), request.signal);
    pause = Math.min(pause * retryPolicy.backoffMultiplier, seconds(retryPolicy.maxBackoff));
  }
};
