/** What a link holds. */
export interface Shared {
  rules: string;
  telemetry: string;
}

async function through(bytes: BlobPart, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** The fragment of a link: compressed, in base64 for addresses. Servers do not see fragments. */
export async function toFragment(shared: Shared): Promise<string> {
  const bytes = await through(JSON.stringify(shared), new CompressionStream("deflate-raw"));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `#1.${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** What a fragment holds; nothing if it is none of this page. */
export async function fromFragment(fragment: string): Promise<Shared | undefined> {
  const [, code] = /^#1\.([\w-]+)$/.exec(fragment) ?? [];
  if (code === undefined) return undefined;
  const bytes = Uint8Array.from(atob(code.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  const value = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
  return typeof value?.rules === "string" && typeof value.telemetry === "string" ? value : undefined;
}
