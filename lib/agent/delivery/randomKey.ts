import { randomBytes } from "./nodePlatform"

/** Returns a random idempotency key of 32 hex characters. */
export function randomKey(): string {
  return Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
