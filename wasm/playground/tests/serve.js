// The built page under a path of a server, as any static host would serve it.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** Gives the address of the page, the paths that were asked for, and what ends the server. */
export async function serve(path) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    asked.push(pathname);
    try {
      if (!pathname.startsWith(path) || pathname.includes("..")) throw new Error("not here");
      const file = pathname.slice(path.length) || "index.html";
      const bytes = await readFile(new URL(`../dist/${file}`, import.meta.url));
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      // What has a hash in its name never changes: a browser that keeps it keeps what it compiled, too.
      if (file.startsWith("assets/")) response.setHeader("cache-control", "public, max-age=31536000, immutable");
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}${path}`, asked, close: () => server.close() };
}
