// Keeps the page for visits without a network. The build writes which files there are.

const NAME = `ottl-playground-${"BUILD"}`;
const FILES = ["FILES"];
// Fetched when rules need them, and kept from then on.
const isData = (file) => /\/(charsets|grok|locales|user-agents|zones)-[^/]*$/.test(file);

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

async function answer(request) {
  const cache = await caches.open(NAME);
  // The newest page where there is a network; what has a hash in its name never changes.
  if (request.mode === "navigate") return fetch(request).catch(() => cache.match("index.html"));
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(self.registration.scope)) event.respondWith(answer(event.request));
});
