import type { Principal } from "@/lib/protocol/access"

/** The agents whose runs anybody may look at in a demo environment. */
export const DEMO_AGENTS = "demo/*"

/** Whoever comes without a token to a demo environment: looks at demo runs, and does nothing. No token has this id. */
export const DEMO_VISITOR: Principal = Object.freeze({
  token_id: "demo",
  name: "visitor",
  write: Object.freeze([]),
  read: Object.freeze([DEMO_AGENTS]),
  control: false,
  mint: false,
})

/** Whether somebody was let in without a token, into a demo environment. */
export function isDemoVisitor(principal: Principal): boolean {
  return principal === DEMO_VISITOR
}
