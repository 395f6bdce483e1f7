// node node_grpc_web.mjs URL DESCRIPTORS text|binary: runs grpc-web's calls in Node, prints their results as JSON.
import { readFileSync } from "node:fs";
import xhr2 from "xhr2";
import { typesOf } from "./calls.mjs";

globalThis.XMLHttpRequest = xhr2;
const { grpcWebCalls } = await import("./grpc_web.mjs");
const [baseUrl, descriptors, format] = process.argv.slice(2);
console.log(JSON.stringify(await grpcWebCalls(baseUrl, typesOf(readFileSync(descriptors)), format)));
process.exit(0);
