// Calls of every kind, through whatever transport they are given; what they got, as JSON. For Node and for browsers.
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, anyPack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";

/** The types of library.proto, from a FileDescriptorSet. */
export function typesOf(descriptors) {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
}

/** Runs the steps named, in order: { step: result }. */
export async function calls(steps, transport, types) {
  const client = createClient(types.getService("library.v1.Library"), transport);
  const results = {};
  for (const step of steps) results[step] = await STEPS[step](client, types);
  return results;
}

const STEPS = {
  async unary(client) {
    const seen = {};
    const answer = await client.listBooks(
      { parent: "shelves/1", pageSize: 2 },
      { onHeader: (headers) => (seen.header = headers), onTrailer: (trailers) => (seen.trailer = trailers) },
    );
    return {
      names: answer.books.map((book) => book.name),
      header: seen.header.get("x-shelf"),
      binary: seen.header.get("x-raw-bin"),
      trailer: seen.trailer.get("x-total"),
    };
  },

  // With a transport that is told so, by GET: the method has no side effects.
  async read(client) {
    const book = await client.getBook({ name: "shelves/1/books/é?" });
    return { name: book.name, size: String(book.size) };
  },

  async metadata(client) {
    const answer = await client.inspect(
      { keys: ["x-tenant", "x-key-bin"] },
      { headers: { "X-Tenant": "t", "X-Key-Bin": "AP8" }, timeoutMs: 60_000 },
    );
    return { ...answer.metadata, deadline: answer.secondsLeft > 50 && answer.secondsLeft < 62 };
  },

  async error(client, types) {
    const author = types.getMessage("library.v1.Author");
    const detail = anyPack(author, create(author, { displayName: "R" }));
    return failure(() => client.fail({ code: 9, message: "100 % möglich", detail }), author);
  },

  async refused(client) {
    return failure(() => client.hidden({}));
  },

  async stream(client) {
    let trailer;
    const titles = [];
    const books = client.search({ text: "x", count: 3 }, { onTrailer: (trailers) => (trailer = trailers) });
    for await (const book of books) titles.push(book.title);
    return { titles, trailer: trailer.get("x-hits") };
  },

  async broken(client) {
    const titles = [];
    return failure(async () => {
      for await (const book of client.search({ text: "x", count: 3, failAfter: 2 })) titles.push(book.title);
    }).then((error) => ({ ...error, titles }));
  },

  async deadline(client) {
    return failure(() => client.hang({}, { timeoutMs: 100 }));
  },

  async hangUp(client) {
    const gone = new AbortController();
    setTimeout(() => gone.abort(), 300);
    return failure(() => client.hang({}, { signal: gone.signal }));
  },

  async leaveStream(client) {
    for await (const book of client.search({ text: "x", count: 2, pause: { seconds: 3600n } })) return book.title;
  },

  async clientStream(client) {
    const { count, size } = await client.countBooks(items());
    return { count, size: Number(size) };
  },

  async halfDuplex(client) {
    const indexes = [];
    for await (const answer of client.bulkCreateBooks(items())) indexes.push(answer.index);
    return indexes;
  },
};

async function* items() {
  for (const index of [0, 1, 2]) yield { index, request: { source: { case: "content", value: new Uint8Array(5) } } };
}

async function failure(call, detail) {
  try {
    await call();
    return {};
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const out = { code: Code[error.code], message: error.rawMessage };
    if (detail) out.details = error.findDetails(detail).map((author) => author.displayName);
    return out;
  }
}
