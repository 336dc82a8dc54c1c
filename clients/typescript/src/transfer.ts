/**
 * Whole contexts, record by record: the values that `export` yields and `import` takes.
 *
 * A record is kept in protobuf's JSON mapping with the field names of `transfer_service.proto`, so
 * that nothing is lost on the way through a file of JSON lines; the Python client and the command
 * line read and write the same lines.
 */

import {
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageInitShape,
  toJson,
} from "@bufbuild/protobuf";
import { SpectronError } from "./errors.js";
import {
  type ImportContextRequestSchema,
  type TransferRecord as WireRecord,
  TransferRecordSchema,
} from "./gen/spectron/v1/transfer_service_pb.js";

/** What a record of an export is. */
export type RecordKind = "session" | "turn" | "attribute" | "unknown";

const KINDS: readonly RecordKind[] = ["session", "turn", "attribute", "unknown"];

/** One record of an export. */
export interface TransferRecord {
  /** What it is. */
  readonly kind: RecordKind;
  /** Its fields, in protobuf's JSON mapping: times as RFC 3339, counts as strings. */
  readonly fields: JsonObject;
}

/** Returns a record as one line of JSON, without its end. */
export function formatRecord(record: TransferRecord): string {
  return JSON.stringify({ [record.kind]: record.fields });
}

/**
 * Reads a record from a line of JSON that `formatRecord` returned.
 *
 * @throws SyntaxError if the line is no JSON.
 * @throws TypeError if it is no object with one field that names a kind.
 */
export function parseRecord(line: string): TransferRecord {
  const content: unknown = JSON.parse(line);
  const [entry, ...rest] = isObject(content) ? Object.entries(content) : [];
  const kind = KINDS.find((each) => each === entry?.[0]);
  const fields = entry?.[1];
  if (kind === undefined || !isObject(fields) || rest.length > 0) {
    throw new TypeError(
      `a record is a JSON object with one field, ${KINDS.join(", ")}, that is an object`,
    );
  }
  return { kind, fields };
}

/**
 * Converts a record.
 *
 * @throws SpectronError if it is of a kind that this client does not know. Leaving it out would
 *   make an incomplete export look complete.
 */
export function recordOf(message: WireRecord): TransferRecord {
  const kind = message.record.case;
  const json = toJson(TransferRecordSchema, message, { useProtoFieldName: true });
  const fields = kind && (json as JsonObject)[kind];
  if (kind === undefined || !isObject(fields)) {
    throw new SpectronError(
      "the server exports a kind of record that this client does not know: upgrade the client",
    );
  }
  return { kind, fields };
}

/**
 * Yields the messages of an import, the first of which names the context alone.
 *
 * @throws TypeError if a record's fields are not those of its kind.
 */
export async function* requestsFor(
  records: Iterable<TransferRecord> | AsyncIterable<TransferRecord>,
  contextId: string,
): AsyncGenerator<MessageInitShape<typeof ImportContextRequestSchema>, void, undefined> {
  yield { contextId };
  let number = 0;
  for await (const { kind, fields } of records) {
    number += 1;
    let record: WireRecord;
    try {
      record = fromJson(TransferRecordSchema, { [kind]: fields });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(`record ${number} is malformed: ${why}`, { cause });
    }
    yield { record };
  }
}

function isObject(value: unknown): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
