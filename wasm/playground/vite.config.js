import { defineConfig } from "vite";

// Relative addresses, so that the page works under any path; nothing inlined, so that data sets stay files of their own.
export default defineConfig({
  base: "./",
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1000 },
  worker: { format: "es" },
  server: { fs: { allow: ["../.."] } },
});
