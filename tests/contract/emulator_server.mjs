// A Google neither we nor our stand-in wrote: npm's @emulators/google on a port the test chose.
import { createServer, serve } from "@emulators/core";
import { googlePlugin, seedFromConfig } from "@emulators/google";

const [port, callback] = process.argv.slice(2);
const baseUrl = `http://127.0.0.1:${port}`;
const { app, store } = createServer(googlePlugin, { port: Number(port), baseUrl, tokens: {} });

seedFromConfig(store, baseUrl, {
  users: [{ email: "dana@example.com", name: "Dana" }],
  oauth_clients: [{ client_id: "client", client_secret: "secret", redirect_uris: [callback] }],
  calendars: [{ id: "primary", summary: "Dana", primary: true, user_email: "dana@example.com" }],
});

const server = serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" });
server.on("listening", () => console.log("ready"));
