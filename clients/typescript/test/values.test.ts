import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Channel } from "../src/channel.js";
import {
  attributeOf,
  diffOf,
  newTurnTo,
  profileOf,
  roleNamed,
  scopeTo,
  timeOf,
  timeTo,
} from "../src/convert.js";
import { AttributeSchema, Category } from "../src/gen/spectron/v1/attribute_pb.js";
import { ChangeAction, ExtractionDiffSchema, Role } from "../src/gen/spectron/v1/turn_pb.js";
import { formatRecord, parseRecord } from "../src/index.js";
import { kindOf, kindTo } from "../src/kinds.js";
import { Listing } from "../src/listing.js";
import { backoffMs, DEFAULT_RETRY } from "../src/retry.js";

test("kinds are names in lower case, both ways", () => {
  expect(kindOf(Category, Category.INSTRUCTIONS)).toBe("instructions");
  expect(kindTo(Category, "instructions", "category")).toBe(Category.INSTRUCTIONS);
  expect(kindTo(Category, undefined, "category")).toBe(Category.UNSPECIFIED);
});

test("a kind of a newer server is unspecified", () => {
  expect(kindOf(Category, 999)).toBe("unspecified");
  expect(roleNamed("narrator")).toBe("unspecified");
  expect(roleNamed("tool")).toBe("tool");
});

test.each(["customer", "User", "USER", "1", "constructor"])("%s is no role", (role) => {
  expect(() => kindTo(Role, role, "role")).toThrow(
    new TypeError("role must be one of user, assistant, system, tool"),
  );
});

test("a scope must hold strings, as a missing user id would not", () => {
  const scope = { user: undefined } as unknown as Record<string, string>;
  expect(() => scopeTo(scope)).toThrow(new TypeError("scope.user must be a string, not undefined"));
});

test("times keep their order, and are never before the server's", () => {
  const first = timeOf({ $typeName: "google.protobuf.Timestamp", seconds: 1n, nanos: 500_000_000 });
  const second = timeOf({
    $typeName: "google.protobuf.Timestamp",
    seconds: 1n,
    nanos: 500_000_001,
  });
  expect([first.getTime(), second.getTime()]).toEqual([1_500, 1_501]);
  const early = timeOf({ $typeName: "google.protobuf.Timestamp", seconds: -2n, nanos: 1_000 });
  expect(early.getTime()).toBe(-1_999);
});

test("an invalid date is refused by its name", () => {
  expect(() => timeTo(new Date("no date"), "asOf")).toThrow("asOf must be a valid date");
  expect(timeTo(undefined, "asOf")).toBeUndefined();
  const turn = { role: "user", content: "Hello", observedAt: new Date(Number.NaN) } as const;
  expect(() => newTurnTo(turn)).toThrow("observedAt");
});

test("what is absent is null, and what is empty is empty", () => {
  expect(attributeOf(create(AttributeSchema))).toMatchObject({
    evidence: null,
    sourceTurn: null,
    validUntil: null,
    supersedes: null,
    supersededBy: null,
    scope: {},
  });
  expect(profileOf(undefined)).toEqual({
    scope: {},
    summary: "",
    attributes: [],
    revision: 0,
    asOf: null,
  });
  expect(diffOf()).toMatchObject({ changes: [], added: [], unknowns: [] });
});

test("a diff sorts its changes by what they did", () => {
  const { ADDED, UPDATED, CONFIRMED, EXPIRED, BACKFILLED, UNSPECIFIED } = ChangeAction;
  const actions = [ADDED, UPDATED, CONFIRMED, EXPIRED, BACKFILLED, UNSPECIFIED];
  const changes = actions.map((action) => ({
    action,
    attribute: { key: `k${action}` },
  }));
  const diff = diffOf(create(ExtractionDiffSchema, { changes }));
  const keys = (list: readonly { key: string }[]): string[] => list.map((each) => each.key);
  expect(keys(diff.added)).toEqual(["k1"]);
  expect(keys(diff.updated)).toEqual(["k2"]);
  expect(keys(diff.confirmed)).toEqual(["k3"]);
  expect(keys(diff.expired)).toEqual(["k4"]);
  expect(keys(diff.backfilled)).toEqual(["k5"]);
  expect(keys(diff.changes)).toEqual(["k1", "k2", "k3", "k4", "k5", "k0"]);
});

test("a listing fetches no more pages than are read", async () => {
  const asked: [number, string][] = [];
  const listing = (limit?: number): Listing<number> =>
    new Listing((pageSize, pageToken) => {
      asked.push([pageSize, pageToken]);
      const start = Number(pageToken);
      const items = Array.from({ length: pageSize }, (_, index) => start + index);
      return Promise.resolve({ items, nextPageToken: String(start + pageSize) });
    }, limit);
  expect(await listing(3)).toEqual([0, 1, 2]);
  expect(asked.splice(0)).toEqual([[3, ""]]);
  for await (const item of listing()) if (item === 250) break;
  expect(asked.splice(0)).toEqual([
    [200, ""],
    [200, "200"],
  ]);
  expect(await listing(450)).toHaveLength(450);
  expect(asked.splice(0)).toHaveLength(3);
  expect(() => listing(0)).toThrow(RangeError);
});

test("pauses grow to their bound, spread by jitter", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(DEFAULT_RETRY, attempt, 1));
  expect(bounds).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(backoffMs(DEFAULT_RETRY, 2, 0.25)).toBe(100);
});

test("a record goes through a line of JSON", () => {
  const record = { kind: "session", fields: { id: "session:1", turn_count: "2" } } as const;
  expect(formatRecord(record)).toBe('{"session":{"id":"session:1","turn_count":"2"}}');
  expect(parseRecord(formatRecord(record))).toEqual(record);
});

test.each(["[]", "{}", '{"session": 1}', '{"key": {}}', '{"session": {}, "turn": {}}', "null"])(
  "%s is no record",
  (line) => {
    expect(() => parseRecord(line)).toThrow("a record is a JSON object with one field");
  },
);

test("a channel gives its reader everything, then its end or failure", async () => {
  const channel = new Channel<number>();
  channel.push(1);
  const waiting = channel.next().then(() => channel.next());
  channel.push(2);
  expect(await waiting).toEqual({ done: false, value: 2 });
  channel.push(3);
  channel.fail(new Error("broken"));
  channel.push(4);
  const read: number[] = [];
  const reading = (async () => {
    for await (const item of channel) read.push(item);
  })();
  await expect(reading).rejects.toThrow("broken");
  expect(read).toEqual([3]);
  expect(await channel.next()).toEqual({ done: true, value: undefined });
});
