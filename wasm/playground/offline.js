// Keeps the page for visits without a network. The build writes which files there are.

const NAME = `ottl-playground-${"BUILD"}`;
const FILES = ["FILES"];
// Fetched when rules or their readers need them, and kept from then on.
const isData = (file) => /\/(charsets|explanations|grok|locales|user-agents|zones)-[^/]*$/.test(file);

self.addEventListener("install", (event) => {
  const page = FILES.filter((file) => !isData(file));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(page)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const drop = async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("ottl-playground-") && name !== NAME);
    await Promise.all(names.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(drop());
});

/** When the page came over the network last. What it loads at once comes so, too: for each file that this worker is asked for, the start waits. */
let freshAt = -Infinity;
const AT_ONCE = 2000;

/** The newest page where there is a network. */
async function page(request) {
  try {
    const response = await fetch(request);
    freshAt = performance.now();
    return response;
  } catch {
    freshAt = -Infinity;
    return (await caches.open(NAME)).match("index.html");
  }
}

/** A file: what has a hash in its name never changes. */
async function file(request) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (isData(request.url) || performance.now() - freshAt > AT_ONCE) event.respondWith(file(request));
});
