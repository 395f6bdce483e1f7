// node node.mjs URL DESCRIPTORS TRANSPORT STEP...: runs the steps in Node, prints their results as JSON.
import { readFileSync } from "node:fs";
import { compressionGzip, createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { calls, typesOf } from "./calls.mjs";
import { TRANSPORTS } from "./transports.mjs";

const [baseUrl, descriptors, name, ...steps] = process.argv.slice(2);
const types = typesOf(readFileSync(descriptors));
const jsonOptions = { registry: types }; // for Any
const options = { baseUrl, jsonOptions, httpVersion: "1.1", useBinaryFormat: !name.endsWith("json") };
const gzip = { ...options, sendCompression: compressionGzip, compressMinBytes: 0 };

const transport = {
  ...TRANSPORTS,
  "connect-node": () => createConnectTransport(options),
  "connect-node json": () => createConnectTransport(options),
  "connect-node gzip": () => createConnectTransport(gzip),
  "connect-node grpc-web": () => createGrpcWebTransport(options),
  "connect-node grpc-web gzip": () => createGrpcWebTransport(gzip),
}[name](baseUrl, jsonOptions);

console.log(JSON.stringify(await calls(steps, transport, types)));
process.exit(0); // connections that are kept alive hold Node back
