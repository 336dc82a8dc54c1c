/**
 * Where a server is, and how to talk to it: in clear only where nobody can listen.
 *
 * Without word to the contrary, TLS is used for every address except loopback and Unix sockets,
 * so that an API key does not cross a network in clear by accident.
 */

import { readFileSync } from "node:fs";
import { BlockList, isIP, isIPv6 } from "node:net";

export const DEFAULT_ENDPOINT = "127.0.0.1:50051";
export const DEFAULT_PORT = 50_051;

export const API_KEY_VARIABLE = "SPECTRON_API_KEY";
export const ENDPOINT_VARIABLE = "SPECTRON_ENDPOINT";
export const ROOT_CERTIFICATES_VARIABLE = "SPECTRON_TLS_ROOT_CERTIFICATES";

const UNIX_SOCKET = /^unix:(?:\/\/)?(?<path>.+)$/;
const BRACKETED = /^\[(?<host>[^\]]+)\](?::(?<port>\d+))?$/;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** The address of a server. */
export interface Endpoint {
  /** The address for people, such as `127.0.0.1:50051`. */
  readonly target: string;
  /** The address for HTTP/2, such as `http://127.0.0.1:50051`. */
  readonly baseUrl: string;
  /** Whether the connection is encrypted. */
  readonly tls: boolean;
  /** PEM certificates to trust instead of the built-in ones. */
  readonly rootCertificates: Buffer | null;
  /** The path of a Unix socket to connect to instead of a port. */
  readonly socketPath: string | null;
}

/** How an address is to be reached. */
export interface EndpointOptions {
  endpoint?: string | undefined;
  tls?: boolean | undefined;
  rootCertificates?: string | undefined;
}

/** The environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settles the address of the server and whether to encrypt.
 *
 * @param options - `endpoint`: `host`, `host:port` or `unix:/path`; absent: `SPECTRON_ENDPOINT`,
 *   else `127.0.0.1:50051`. `tls`: absent: unless the address is a loopback address, or if root
 *   certificates are given here. `rootCertificates`: a PEM file; absent: the file that
 *   `SPECTRON_TLS_ROOT_CERTIFICATES` names, else the built-in ones.
 * @param environment - The environment variables.
 * @throws TypeError if the address is a URL, or certificates are given but encryption is off.
 */
export function resolveEndpoint(options: EndpointOptions, environment: Environment): Endpoint {
  const named = options.endpoint ?? (environment[ENDPOINT_VARIABLE] || DEFAULT_ENDPOINT);
  const address = named.trim();
  if (address.includes("://") && !address.startsWith("unix://")) {
    throw new TypeError(`endpoint must be host:port without a scheme, not ${address}`);
  }
  if (options.rootCertificates !== undefined && options.tls === false) {
    throw new TypeError("rootCertificates have no use with tls: false");
  }
  const tls = options.tls ?? (options.rootCertificates !== undefined || !isLocal(address));
  const path = options.rootCertificates ?? environment[ROOT_CERTIFICATES_VARIABLE];
  const socketPath = UNIX_SOCKET.exec(address)?.groups?.path ?? null;
  const target = socketPath === null ? withPort(address) : address;
  const authority = socketPath === null ? target : "localhost";
  return {
    target,
    baseUrl: checkedUrl(`${tls ? "https" : "http"}://${authority}`, target),
    tls,
    rootCertificates: tls && path ? readFileSync(path) : null,
    socketPath,
  };
}

/** Tells whether what is sent to an address stays on this machine. */
export function isLocal(address: string): boolean {
  if (UNIX_SOCKET.test(address)) return true;
  const host = hostOf(address);
  if (host === "localhost") return true;
  const family = isIP(host);
  return family !== 0 && LOOPBACK.check(host, family === 6 ? "ipv6" : "ipv4");
}

/** Returns the address for messages: `127.0.0.1:50051 (plaintext)`. */
export function describe(endpoint: Endpoint): string {
  return `${endpoint.target} (${endpoint.tls ? "TLS" : "plaintext"})`;
}

function hostOf(address: string): string {
  const bracketed = BRACKETED.exec(address)?.groups?.host;
  if (bracketed !== undefined) return bracketed;
  return isIPv6(address) ? address : (address.split(":")[0] ?? "");
}

function withPort(address: string): string {
  const bracketed = BRACKETED.exec(address);
  if (bracketed !== null) {
    return bracketed.groups?.port === undefined ? `${address}:${DEFAULT_PORT}` : address;
  }
  if (isIPv6(address)) return `[${address}]:${DEFAULT_PORT}`;
  return address.includes(":") ? address : `${address}:${DEFAULT_PORT}`;
}

function checkedUrl(url: string, target: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.pathname !== "/" || parsed.search || parsed.hash || parsed.username) {
    throw new TypeError(`endpoint must be host:port, not ${target}`);
  }
  return url;
}
