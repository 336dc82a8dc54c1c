/** Encrypted connections, and those through Unix sockets. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ConnectRouter } from "@connectrpc/connect";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { MemoryService } from "../src/gen/spectron/v1/memory_service_pb.js";
import { ScriptedServer } from "./scripted.js";
import { errorOf } from "./support.js";

const CERTIFICATES = path.resolve(import.meta.dirname, "../../../tests/client/certificates");
const ROOT = path.join(CERTIFICATES, "loopback.pem");
const SCOPE = { user: "alice" };

let certificate: { cert: Buffer; key: Buffer };
let running: ScriptedServer | undefined;

function routes(router: ConnectRouter): void {
  router.service(MemoryService, { getProfile: () => ({ profile: { summary: "Known." } }) });
}

beforeAll(async () => {
  const key = await readFile(path.join(CERTIFICATES, "loopback.key"));
  certificate = { cert: await readFile(ROOT), key };
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

describe("over TLS", () => {
  test("a server is believed by the certificate that is named", async () => {
    running = await ScriptedServer.start(routes, { certificate });
    const client = running.client({ rootCertificates: ROOT });
    expect((await client.memory().profile({ scope: SCOPE })).summary).toBe("Known.");
  });

  test("a server with an unknown certificate is not, and is told so", async () => {
    running = await ScriptedServer.start(routes, { certificate });
    const client = running.client({ tls: true, retry: { maxAttempts: 1 } });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnavailableError", code: "UNAVAILABLE" });
    expect(error.message).toContain("SPECTRON_TLS_ROOT_CERTIFICATES");
  });

  test("a server gets no clear text, and the client says what to do", async () => {
    running = await ScriptedServer.start(routes, { certificate });
    const client = running.client({ retry: { maxAttempts: 1 } });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnavailableError", code: "UNAVAILABLE" });
    expect(error.message).toContain("If the server there uses TLS");
  });
});

test("a Unix socket serves as well as a port", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "spectron-socket-"));
  running = await ScriptedServer.start(routes, { socketPath: path.join(directory, "s") });
  expect(running.endpoint).toMatch(/^unix:/);
  const client = running.client();
  expect((await client.memory().profile({ scope: SCOPE })).summary).toBe("Known.");
  await rm(directory, { recursive: true });
});
