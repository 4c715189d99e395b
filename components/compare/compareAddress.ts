import { pagePath } from "@/lib/live/pagePath"

/** A line of the comparison, identified by its turns. */
export type PairRef = { a?: number; b?: number }

/** The state in the URL of a comparison: both runs and the selected line. */
export type CompareAddress = { a?: string; b?: string; pair?: PairRef }

const MAX_ID_CHARS = 128

/** Parses `?a=…&b=…&pair=12.14`. Invalid parts are ignored. */
export function readCompareAddress(params: URLSearchParams): CompareAddress {
  const [a, b] = [runIdOf(params.get("a")), runIdOf(params.get("b"))]
  const pair = pairOf(params.get("pair"))
  return { ...(a !== undefined && { a }), ...(b !== undefined && { b }), ...(pair && { pair }) }
}

/** Returns the URL of a comparison. */
export function compareHref({ a, b, pair }: CompareAddress): string {
  const query = new URLSearchParams()
  if (a !== undefined) query.set("a", a)
  if (b !== undefined) query.set("b", b)
  if (pair !== undefined) query.set("pair", `${pair.a ?? ""}.${pair.b ?? ""}`)
  return pagePath(query.size === 0 ? "/compare" : `/compare?${query}`)
}

/** Returns the same comparison with its sides swapped. */
export function swapSides({ a, b, pair }: CompareAddress): CompareAddress {
  return {
    ...(b !== undefined && { a: b }),
    ...(a !== undefined && { b: a }),
    ...(pair && {
      pair: { ...(pair.b !== undefined && { a: pair.b }), ...(pair.a !== undefined && { b: pair.a }) },
    }),
  }
}

function runIdOf(text: string | null): string | undefined {
  return text !== null && text !== "" && text.length <= MAX_ID_CHARS ? text : undefined
}

function pairOf(text: string | null): PairRef | undefined {
  const [, a, b] = /^(\d{0,9})\.(\d{0,9})$/.exec(text ?? "") ?? []
  if (!a && !b) return undefined
  return { ...(a && { a: Number(a) }), ...(b && { b: Number(b) }) }
}
