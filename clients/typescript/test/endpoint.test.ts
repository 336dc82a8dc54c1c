import { readFileSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { describe as described, isLocal, resolveEndpoint } from "../src/endpoint.js";
import { Spectron } from "../src/index.js";

describe("an address", () => {
  test.each([
    [undefined, "127.0.0.1:50051", "http://127.0.0.1:50051"],
    ["localhost", "localhost:50051", "http://localhost:50051"],
    ["127.0.0.1:7000", "127.0.0.1:7000", "http://127.0.0.1:7000"],
    ["::1", "[::1]:50051", "http://[::1]:50051"],
    ["[::1]", "[::1]:50051", "http://[::1]:50051"],
    ["[::1]:7000", "[::1]:7000", "http://[::1]:7000"],
    ["unix:/run/spectron.sock", "unix:/run/spectron.sock", "http://localhost"],
    ["memory.example.com", "memory.example.com:50051", "https://memory.example.com:50051"],
    [" 10.0.0.7:7000 ", "10.0.0.7:7000", "https://10.0.0.7:7000"],
  ])("%s is %s, %s", (endpoint, target, baseUrl) => {
    expect(resolveEndpoint({ endpoint }, {})).toMatchObject({ target, baseUrl });
  });

  test("comes from the environment unless it is given", () => {
    const environment = { SPECTRON_ENDPOINT: "localhost:7000" };
    expect(resolveEndpoint({}, environment).target).toBe("localhost:7000");
    expect(resolveEndpoint({ endpoint: "localhost:8000" }, environment).target).toBe(
      "localhost:8000",
    );
  });

  test.each(["http://localhost", "localhost:7000/path", "user@localhost", "a b", "host:port"])(
    "%s is refused",
    (endpoint) => {
      expect(() => resolveEndpoint({ endpoint }, {})).toThrow(TypeError);
    },
  );
});

describe("encryption", () => {
  test.each(["localhost", "127.9.9.9:1", "[::1]:1", "0:0:0:0:0:0:0:1", "unix:/run/socket"])(
    "is left out for %s",
    (address) => {
      expect(isLocal(address)).toBe(true);
      expect(resolveEndpoint({ endpoint: address }, {}).tls).toBe(false);
    },
  );

  test.each([
    "example.com",
    "128.0.0.1",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "[::2]",
  ])("is used for %s", (address) => {
    expect(isLocal(address)).toBe(false);
    expect(resolveEndpoint({ endpoint: address }, {}).tls).toBe(true);
  });

  test("is as asked", () => {
    expect(resolveEndpoint({ endpoint: "localhost", tls: true }, {}).tls).toBe(true);
    expect(resolveEndpoint({ endpoint: "example.com", tls: false }, {}).tls).toBe(false);
    expect(described(resolveEndpoint({ endpoint: "localhost", tls: true }, {}))).toBe(
      "localhost:50051 (TLS)",
    );
  });

  test("uses the certificates that are named", () => {
    const file = path.resolve(import.meta.dirname, "../LICENSE");
    const certificates = readFileSync(file);
    const given = resolveEndpoint({ rootCertificates: file }, {});
    expect(given).toMatchObject({ tls: true, rootCertificates: certificates });
    const environment = { SPECTRON_TLS_ROOT_CERTIFICATES: file };
    const remote = resolveEndpoint({ endpoint: "example.com" }, environment);
    expect(remote.rootCertificates).toEqual(certificates);
    expect(resolveEndpoint({}, environment)).toMatchObject({ tls: false, rootCertificates: null });
  });

  test("cannot be off with certificates", () => {
    expect(() => resolveEndpoint({ rootCertificates: "a.pem", tls: false }, {})).toThrow(
      "no use with tls: false",
    );
  });
});

describe("a client", () => {
  test("wants a key that can be sent, and does not tell it", () => {
    vi.stubEnv("SPECTRON_API_KEY", "");
    expect(() => new Spectron()).toThrow("set SPECTRON_API_KEY");
    const secret = "sk-\u00fcber";
    expect(() => new Spectron({ apiKey: secret })).toThrow(TypeError);
    expect(() => new Spectron({ apiKey: secret })).not.toThrow(secret);
    vi.stubEnv("SPECTRON_API_KEY", "sk-from-the-environment");
    expect(new Spectron().endpoint).toBe("127.0.0.1:50051");
    vi.unstubAllEnvs();
  });

  test("does not show its key", () => {
    const client = new Spectron({ apiKey: "sk-secret" });
    const shown = inspect([client, client.memory(), client.admin], {
      depth: 9,
      showHidden: true,
    });
    expect(shown).not.toContain("sk-secret");
    expect(JSON.stringify(client)).not.toContain("sk-secret");
  });

  test.each([
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ timeoutMs: Number.NaN }, "timeoutMs"],
    [{ timeoutMs: 2 ** 31 }, "timeoutMs"],
    [{ retry: { maxAttempts: 0 } }, "maxAttempts"],
    [{ retry: { initialBackoffMs: 0 } }, "initialBackoffMs"],
    [{ retry: { maxBackoffMs: 1 } }, "maxBackoffMs"],
    [{ retry: { multiplier: 0.5 } }, "multiplier"],
  ])("refuses %j", (options, name) => {
    expect(() => new Spectron({ apiKey: "sk-x", ...options })).toThrow(name);
  });
});
