import type { Principal } from "@/lib/protocol/access"

/** The agents whose runs anyone may read in a demo environment. */
export const DEMO_AGENTS = "demo/*"

/**
 * The principal of a client without a token in a demo environment. It may read demo runs and nothing else. No token has
 * this id.
 */
export const DEMO_VISITOR: Principal = Object.freeze({
  token_id: "demo",
  name: "visitor",
  write: Object.freeze([]),
  read: Object.freeze([DEMO_AGENTS]),
  control: false,
  mint: false,
})

/** Returns true for a client that was admitted without a token. */
export function isDemoVisitor(principal: Principal): boolean {
  return principal === DEMO_VISITOR
}
