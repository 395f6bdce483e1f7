// The transports that run in browsers and in Node alike.
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

export const TRANSPORTS = {
  "connect-web": (baseUrl, jsonOptions) => createConnectTransport({ baseUrl, jsonOptions }),
  "connect-web binary": (baseUrl) => createConnectTransport({ baseUrl, useBinaryFormat: true }),
  "connect-web get": (baseUrl, jsonOptions) => createConnectTransport({ baseUrl, useHttpGet: true, jsonOptions }),
  "connect-web grpc-web": (baseUrl) => createGrpcWebTransport({ baseUrl }),
  "connect-web grpc-web json": (baseUrl, jsonOptions) => createGrpcWebTransport({ baseUrl, useBinaryFormat: false, jsonOptions }),
};
