/** Asks what bears on a query, in a session or in a scope. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { contextOf, timeTo } from "./convert.js";
import {
  type GetContextRequestSchema,
  MemoryService,
} from "./gen/spectron/v1/memory_service_pb.js";
import type { ContextResult } from "./models.js";
import type { CallOptions } from "./options.js";
import type { Transport } from "./transport.js";

/** What to look for. */
export interface ContextQuery extends CallOptions {
  /** What to look for, usually the user's message. */
  query: string;
  /** At most this many items, up to 50; absent: 10. */
  topK?: number | undefined;
  /** The budget of `formatted` in tokens; absent: 1,000. */
  maxTokens?: number | undefined;
  /** The beliefs and turns of this moment; absent: now. */
  asOf?: Date | undefined;
  /** Whether to return values that no longer hold. */
  includeHistory?: boolean | undefined;
  /** Wait until the turn of this id has been extracted. */
  minTurn?: string | undefined;
}

/** Where to look. */
export type ContextTarget = MessageInitShape<typeof GetContextRequestSchema>["target"];

/** Calls `GetContext`. */
export async function getContext(
  transport: Transport,
  contextId: string,
  target: NonNullable<ContextTarget>,
  { query, topK, maxTokens, asOf, includeHistory, minTurn, ...options }: ContextQuery,
): Promise<ContextResult> {
  const moment = timeTo(asOf, "asOf");
  const response = await transport.unary(
    MemoryService.method.getContext,
    {
      contextId,
      target,
      query,
      topK: topK ?? 0,
      maxTokens: maxTokens ?? 0,
      ...(moment && { asOf: moment }),
      includeHistory: includeHistory ?? false,
      minTurn: minTurn ?? "",
    },
    options,
  );
  return contextOf(response);
}
