import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

/** Writes the worker that keeps the page for visits without a network, with the names of all files of this build. */
function offline() {
  return {
    name: "offline",
    generateBundle(_options, bundle) {
      const files = [...Object.keys(bundle).filter((name) => name !== "index.html"), "index.html"];
      // The page itself has no hash in its name.
      const build = createHash("sha256").update(files.join()).update(String(bundle["index.html"]?.source)).digest("hex").slice(0, 16);
      const source = readFileSync(new URL("./offline.js", import.meta.url), "utf8");
      this.emitFile({
        type: "asset",
        fileName: "offline.js",
        source: source.replace('"BUILD"', JSON.stringify(build)).replace('["FILES"]', JSON.stringify(files)),
      });
    },
  };
}

/** Lets browsers fetch the engine before any script asks for it, and read the editors' code while they start the engine. */
function preload() {
  return {
    name: "preload",
    transformIndexHtml(html, { bundle = {} }) {
      const link = (file, attrs) => ({ tag: "link", attrs: { ...attrs, crossorigin: true, href: `./${file}` } });
      const files = Object.values(bundle);
      const engine = files.find(({ type, names }) => type === "asset" && names.includes("ottl.wasm"));
      const main = files.find(({ type, name }) => type === "chunk" && name === "main");
      const scripts = (main ? [main.fileName, ...main.imports] : []).filter((file) => !html.includes(file));
      return [
        ...(engine ? [{ ...link(engine.fileName, { rel: "preload", as: "fetch" }), injectTo: "head-prepend" }] : []),
        ...scripts.map((file) => ({ ...link(file, { rel: "modulepreload" }), injectTo: "head" })),
      ];
    },
  };
}

// Relative addresses, so that the page works under any path; nothing inlined, so that data sets stay files of their own.
export default defineConfig({
  base: "./",
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1000 },
  worker: { format: "es" },
  server: { fs: { allow: ["../.."] } },
  plugins: [preload(), offline()],
});
