// The same through Google's own grpc-web, which speaks by XMLHttpRequest. For browsers, and for Node with a stand-in.
import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import { GrpcWebClientBase, MethodDescriptor, MethodType } from "grpc-web";

/** Runs a unary call, a stream, a failed call and a broken stream: { step: result }. `format`: text or binary. */
export async function grpcWebCalls(baseUrl, types, format) {
  const service = types.getService("library.v1.Library");
  const client = new GrpcWebClientBase({ format });

  const method = (name, type) => {
    const found = service.methods.find((each) => each.name === name);
    return new MethodDescriptor(
      `/${service.typeName}/${name}`,
      type,
      Object,
      Object,
      (request) => toBinary(found.input, create(found.input, request)),
      (bytes) => fromBinary(found.output, bytes),
    );
  };

  const unary = (name, request, metadata = {}) =>
    new Promise((resolve) => {
      const call = client.rpcCall(
        `${baseUrl}/${service.typeName}/${name}`,
        request,
        metadata,
        method(name, MethodType.UNARY),
        (error, answer) => resolve(error ? { code: error.code, message: error.message } : { answer }),
      );
      call.on("error", () => {});
    });

  const stream = (name, request) =>
    new Promise((resolve) => {
      const titles = [];
      const call = client.serverStreaming(
        `${baseUrl}/${service.typeName}/${name}`,
        request,
        {},
        method(name, MethodType.SERVER_STREAMING),
      );
      call.on("data", (book) => titles.push(book.title));
      call.on("error", (error) => resolve({ titles, code: error.code, message: error.message }));
      call.on("end", () => resolve({ titles }));
    });

  const listed = await unary("ListBooks", { parent: "shelves/1", pageSize: 2 });
  const seen = await unary("Inspect", { keys: ["x-tenant"] }, { "X-Tenant": "t" });
  return {
    unary: listed.answer?.books.map((book) => book.name) ?? listed,
    metadata: seen.answer?.metadata ?? seen,
    error: await unary("Fail", { code: 9, message: "100 % möglich" }),
    stream: await stream("Search", { text: "x", count: 3 }),
    broken: await stream("Search", { text: "x", count: 3, failAfter: 2 }),
  };
}
