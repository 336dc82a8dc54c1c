/** Tells a broken answer from a good one. */

import { InternalError } from "./errors.js";

/**
 * Returns a field that the API promises to be there.
 *
 * @throws InternalError if it is not.
 */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw new InternalError("the server's answer lacks what it must hold", { code: "INTERNAL" });
  }
  return value;
}
