/** A recorded turn, and waiting for what the server learned from it. */

import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { extractionOf, turnRecordOf } from "./convert.js";
import type { TurnRecord } from "./conversation.js";
import { DeadlineExceededError, ExtractionFailedError } from "./errors.js";
import type { Extraction as WireExtraction, Turn as WireTurn } from "./gen/spectron/v1/turn_pb.js";
import { TurnService } from "./gen/spectron/v1/turn_service_pb.js";
import type { ExtractionStatus, Role } from "./kinds.js";
import type { Extraction } from "./models.js";
import type { CallOptions, ChangeOptions } from "./options.js";
import { present } from "./present.js";
import type { Transport } from "./transport.js";

// The server waits at most a minute in one call; asking anew more often keeps connections through
// balancers with short idle limits alive.
const LONGEST_WAIT_MS = 25_000;
// A server that answers "pending" before the time is over must not be asked in a tight loop.
const EARLY_ANSWER_PAUSE_MS = 100;

/** A recorded turn. It is on disk, and will be extracted whatever happens to the server. */
export class Turn implements TurnRecord {
  readonly id: string;
  readonly sessionId: string;
  readonly sequence: number;
  readonly role: Role;
  readonly content: string;
  readonly observedAt: Date;
  readonly recordedAt: Date;
  readonly extractionStatus: ExtractionStatus;
  readonly hidden: boolean;
  readonly #transport: Transport;
  readonly #contextId: string;

  /** @internal Made by `Session`. */
  constructor(transport: Transport, contextId: string, message: WireTurn) {
    const record = turnRecordOf(message);
    this.id = record.id;
    this.sessionId = record.sessionId;
    this.sequence = record.sequence;
    this.role = record.role;
    this.content = record.content;
    this.observedAt = record.observedAt;
    this.recordedAt = record.recordedAt;
    this.extractionStatus = record.extractionStatus;
    this.hidden = record.hidden;
    this.#transport = transport;
    this.#contextId = contextId;
  }

  /**
   * Waits until the turn has been extracted, and returns what was learned.
   *
   * @param options - `timeoutMs`: wait at most this long; absent: the client's default.
   * @returns The finished extraction.
   * @throws ExtractionFailedError if the server gave up; `retryExtraction` queues the turn again.
   * @throws DeadlineExceededError if it was not finished in time. It goes on all the same.
   */
  async extraction({ timeoutMs, signal }: CallOptions = {}): Promise<Extraction> {
    const deadline = this.#transport.deadline(timeoutMs);
    while (!deadline.passed) {
      const { remainingMs } = deadline;
      const wait = durationFromMs(Math.min(remainingMs, LONGEST_WAIT_MS));
      let answer: WireExtraction | undefined;
      try {
        const response = await this.#transport.unary(
          TurnService.method.getExtraction,
          { contextId: this.#contextId, turnId: this.id, wait },
          { timeoutMs: remainingMs, signal },
        );
        answer = response.extraction;
      } catch (error) {
        if (error instanceof DeadlineExceededError) break;
        throw error;
      }
      const extraction = answer && extractionOf(answer);
      if (extraction?.status === "done") return extraction;
      if (extraction?.status === "failed") {
        throw new ExtractionFailedError(
          `the extraction of ${this.id} failed after ${extraction.attempts} attempts: ` +
            extraction.error,
          {
            code: "FAILED_PRECONDITION",
            reason: "EXTRACTION_FAILED",
            metadata: { turn_id: this.id },
          },
        );
      }
      await pause(Math.min(EARLY_ANSWER_PAUSE_MS, deadline.remainingMs));
    }
    throw new DeadlineExceededError(
      `the extraction of ${this.id} was not finished within ${deadline.timeoutMs} ms; ` +
        "it goes on, so wait again or pass a larger timeoutMs",
      { code: "DEADLINE_EXCEEDED", reason: "DEADLINE_EXCEEDED", metadata: { turn_id: this.id } },
    );
  }

  /**
   * Queues a failed extraction again.
   *
   * @returns The extraction, pending again.
   * @throws FailedPreconditionError if it has not failed.
   */
  async retryExtraction({ requestId, ...options }: ChangeOptions = {}): Promise<Extraction> {
    const { extraction } = await this.#transport.unary(
      TurnService.method.retryExtraction,
      {
        contextId: this.#contextId,
        requestId: this.#transport.requestId(requestId),
        turnId: this.id,
      },
      options,
    );
    return extractionOf(present(extraction));
  }
}
